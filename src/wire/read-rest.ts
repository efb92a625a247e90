import { readSync } from "node:fs";
import type { Duplex } from "node:stream";

const CHUNK_BYTES = 64 * 1024;

/** What every socket of Node has, though its types don't say so. */
interface WithHandle {
  _handle?: { fd?: number } | null;
}

/**
 * Reads at once what a socket has received, without waiting for more.
 *
 * Node destroys a socket when a write to it fails, and drops what could still be read. Streams that
 * don't stand on a file descriptor have nothing to read this way.
 */
export function readRest(duplex: Duplex, deliver: (chunk: Uint8Array) => void): void {
  const fd = (duplex as WithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) return;
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let length: number;
    try {
      length = readSync(fd, chunk);
    } catch {
      // EAGAIN: nothing more; ECONNRESET: the other side died with bytes of ours unread.
      return;
    }
    if (length === 0) return;
    deliver(chunk.subarray(0, length));
  }
}
