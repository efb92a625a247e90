import type { IncomingHandlers, OutgoingStream } from "../../wire/index.js";
import type { PipeEnd } from "./pipe-end.js";

/** What is taken from a pipe at a time, in bytes. */
const PIECE_BYTES = 64 * 1024;

/**
 * Takes a stream of the wire for a pipe: the sender has room again as the bytes are written, and the end is
 * closed with the stream. What nobody will read is dropped.
 */
export function flowIn(end: Promise<PipeEnd | null>): IncomingHandlers {
  let written: Promise<unknown> = Promise.resolve();
  return {
    data(bytes, consumed) {
      written = written.then(async () => (await end)?.write(bytes)).then(() => consumed(bytes.length));
    },
    end() {
      written = written.then(async () => (await end)?.close());
    },
  };
}

/**
 * Sends what comes out of a pipe as fast as the host takes it. Resolves to 0 at the pipe's end, else to a
 * negative errno; the stream is left open.
 */
export async function flowOut(end: PipeEnd, stream: OutgoingStream): Promise<number> {
  const piece = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const count = await end.read(piece);
    if (count <= 0) return count;
    stream.write(piece.slice(0, count));
    await stream.flushed();
  }
}
