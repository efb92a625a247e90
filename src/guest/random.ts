import { type Internal, internalBinding, primordials } from "./internals.js";

const { uncurryThis } = primordials;

interface Source {
  readonly Job: new (mode: number, bytes: Uint8Array, offset: number, size: number) => object;
  readonly mode: number;
  readonly run: (job: object) => unknown[];
}
let source: Source | undefined;

/** Fills a part of the bytes with what OpenSSL's generator gives, as `crypto.randomFillSync` does. */
export function fillRandom(bytes: Uint8Array, offset: number, length: number): void {
  if (source === undefined) {
    const { RandomBytesJob, kCryptoJobSync }: Internal = internalBinding("crypto");
    source = { Job: RandomBytesJob, mode: kCryptoJobSync, run: uncurryThis(RandomBytesJob.prototype.run) };
  }
  const { Job, mode, run } = source;
  const error = run(new Job(mode, bytes, offset, length))[0];
  // Never seen; bytes that are not random must not be taken for such.
  if (error !== undefined) throw error;
}
