/** Raw system calls from JavaScript, through node:ffi and libc's `syscall`. */
import { dlopen, getInt32, getRawPointer } from "node:ffi";

const word = "int64";
// libc's syscall() takes its arguments as words, in the order of any C function on x64 and arm64.
const libc = dlopen(null, {
  syscall: { arguments: [word, word, word, word, word, word, word], return: word },
  __errno_location: { arguments: [], return: "pointer" },
}).functions;

/** Memory that a system call reads or writes. */
export interface NativeMemory {
  readonly view: DataView<ArrayBuffer>;
  readonly address: bigint;
}

// A number alone does not keep its buffer alive. The few dozen bytes that the jail hands to the kernel
// are held for the life of the process.
const held: ArrayBuffer[] = [];

/** Makes `size` zeroed bytes that neither move nor go away. */
export function allocate(size: number): NativeMemory {
  // Only an ArrayBuffer is sure to live off the heap: V8 keeps small typed arrays on it, and moves them.
  const buffer = new ArrayBuffer(size);
  held.push(buffer);
  return { view: new DataView(buffer), address: getRawPointer(buffer) };
}

/** Makes a string that C can read. */
export function cString(text: string): bigint {
  const bytes = new TextEncoder().encode(`${text}\0`);
  const { view, address } = allocate(bytes.length);
  new Uint8Array(view.buffer).set(bytes);
  return address;
}

/** The address of the first byte of `buffer`; the caller keeps the buffer alive. */
export function addressOf(buffer: ArrayBufferLike): bigint {
  return getRawPointer(buffer);
}

/** Makes system call `number`; answers its result, or -errno. */
export function syscall(number: number, ...args: (number | bigint)[]): number {
  const words = [0n, 0n, 0n, 0n, 0n, 0n];
  args.forEach((value, index) => {
    words[index] = BigInt(value);
  });
  const result = Number(libc.syscall(BigInt(number), ...words));
  return result === -1 ? -getInt32(libc.__errno_location()) : result;
}
