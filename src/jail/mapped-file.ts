/** Files as memory, before the lock, which allows no further ones. */
import { closeSync, fstatSync, openSync } from "node:fs";
import { addressOf, syscall } from "./native.js";
import { syscallNumber } from "./seccomp/architecture.js";

/** A multiple of the page size of every kernel for x64 and arm64. */
const PAGE = 65536;

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;

/** Memory without its pages: it is there for good. */
const held: SharedArrayBuffer[] = [];

/**
 * The bytes of a file, in memory that threads share and that is the system's: all machines have the same, and
 * what is never read takes none. Who writes to it gets a page of the process's own.
 */
export function mapFile(path: string): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    // The system maps nothing of no length.
    return size === 0 ? new Uint8Array(0) : map(fd, size);
  } finally {
    closeSync(fd);
  }
}

function map(fd: number, size: number): Uint8Array {
  // V8 gives a buffer any address; what else is on its first and last page stays untouched.
  const length = Math.ceil(size / PAGE) * PAGE;
  const buffer = new SharedArrayBuffer(length + PAGE);
  held.push(buffer);
  const start = addressOf(buffer);
  const offset = Number(-start & BigInt(PAGE - 1));
  const address = start + BigInt(offset);
  const flags = MAP_PRIVATE | MAP_FIXED;
  const mapped = syscall(syscallNumber("mmap"), address, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (BigInt(mapped) !== address) throw new Error(`mmap failed (${mapped})`);
  return new Uint8Array(buffer, offset, size);
}
