import { readSync } from "node:fs";
import type { Duplex } from "node:stream";

const CHUNK_BYTES = 64 * 1024;
/** More than a socket's buffer holds: one that still writes is not dead, and could go on for ever. */
const MAX_CHUNKS = 64;

/** What every socket of Node has, though its types don't say so. */
interface WithHandle {
  _handle?: { fd?: number } | null;
}

/**
 * Reads at once what a socket has received, without waiting for more.
 *
 * `deliver` answers whether to go on. Node destroys a socket when a write to it fails, and drops what could still be read. Streams that
 * don't stand on a file descriptor have nothing to read this way.
 */
export function readRest(duplex: Duplex, deliver: (chunk: Uint8Array) => boolean): void {
  const fd = (duplex as WithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) return;
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let length: number;
    try {
      length = readSync(fd, chunk);
    } catch {
      // EAGAIN: nothing more; ECONNRESET: the other side died with bytes of ours unread.
      return;
    }
    if (length === 0 || !deliver(chunk.subarray(0, length))) return;
  }
}
