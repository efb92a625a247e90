const SMALLEST = 512;

/**
 * Bytes that wait for those after them. However small the pieces are that they come in, the work is in
 * proportion to the bytes: the other side decides about the pieces. What was taken is never written over.
 */
export class HeldBytes {
  #store: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** How far the last search got, from `#start`. */
  #searched = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** All that is held. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#store.length) this.#grow(bytes.length);
    this.#store.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Where these bytes begin, or -1. Until something is taken, searches go on where the last one ended. */
  find(bytes: Uint8Array): number {
    const at = this.bytes.indexOf(bytes, this.#searched);
    if (at < 0) this.#searched = Math.max(0, this.length - bytes.length + 1);
    return at;
  }

  /** Takes the first `length` bytes: by default all. */
  take(length: number = this.length): Buffer {
    const taken = this.bytes.subarray(0, length);
    this.#start += taken.length;
    this.#searched = 0;
    return taken;
  }

  #grow(more: number): void {
    const held = this.bytes;
    this.#store = Buffer.allocUnsafeSlow(Math.max(SMALLEST, 2 * held.length + more));
    held.copy(this.#store);
    this.#start = 0;
    this.#end = held.length;
  }
}
