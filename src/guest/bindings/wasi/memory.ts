/** The memory of a WebAssembly instance, as system calls of its program read and write it. */
import {
  BigIntFrom,
  NewUint8Array,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  uncurryThis,
} from "../../../primordials/primordials.js";
import type { Internal } from "../../internals.js";
import { latin1Slice } from "../fs/encoding.js";

// TypeScript's library for Node has no WebAssembly.
const { Memory } = (globalThis as Internal).WebAssembly;
const bufferOf: (memory: unknown) => ArrayBufferLike = uncurryThis(
  Object.getOwnPropertyDescriptor(Memory.prototype, "buffer")?.get as () => ArrayBufferLike,
);
const toNumber = Number;

/** Whether a value is a WebAssembly.Memory. */
export function isMemory(value: unknown): boolean {
  try {
    bufferOf(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * The memory as it is at one call: a program can make it larger between two.
 *
 * Reads and writes expect that `fits` has been asked.
 */
export class ProgramMemory {
  readonly bytes: Uint8Array;
  readonly #length: number;

  constructor(memory: unknown) {
    this.bytes = new NewUint8Array(bufferOf(memory));
    this.#length = TypedArrayPrototypeGetLength(this.bytes);
  }

  fits(at: number, length: number): boolean {
    return at + length <= this.#length;
  }

  /** Bytes as a string with one character each. */
  text(at: number, length: number): string {
    return latin1Slice(this.bytes, at, at + length);
  }

  put(at: number, bytes: Uint8Array): void {
    TypedArrayPrototypeSet(this.bytes, bytes, at);
  }

  u8(at: number): number {
    return this.bytes[at] as number;
  }

  u16(at: number): number {
    return this.u8(at) | (this.u8(at + 1) << 8);
  }

  u32(at: number): number {
    return (this.u16(at) | (this.u16(at + 2) << 16)) >>> 0;
  }

  u64(at: number): bigint {
    return BigIntFrom(this.u32(at)) | (BigIntFrom(this.u32(at + 4)) << 32n);
  }

  setU8(at: number, value: number): void {
    this.bytes[at] = value;
  }

  setU16(at: number, value: number): void {
    this.setU8(at, value);
    this.setU8(at + 1, value >>> 8);
  }

  setU32(at: number, value: number): void {
    this.setU16(at, value);
    this.setU16(at + 2, value >>> 16);
  }

  setU64(at: number, value: bigint): void {
    this.setU32(at, toNumber(value & 0xffffffffn));
    this.setU32(at + 4, toNumber((value >> 32n) & 0xffffffffn));
  }
}
