/** The memory a capture starts with, in bytes: most output is short. */
const FIRST_BYTES = 4096;

/** Bytes that grow in place up to a limit, so that a flood of tiny frames costs what it says. */
export class ByteStore {
  readonly limit: number;
  #bytes = Buffer.alloc(0);
  #length = 0;
  #overflown = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** True when more came than there is room for. What was over is lost. */
  get overflown(): boolean {
    return this.#overflown;
  }

  /** What is there. A view: not to be kept while more is added. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies bytes in, as many as fit. */
  add(bytes: Uint8Array): void {
    if (this.#overflown) return;
    const room = this.limit - this.#length;
    const taken = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.#reserve(this.#length + taken.length);
    this.#bytes.set(taken, this.#length);
    this.#length += taken.length;
    this.#overflown = taken.length < bytes.length;
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const size = Math.min(this.limit, Math.max(needed, this.#bytes.length * 2, FIRST_BYTES));
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

/** How many of the bytes are whole UTF-8 characters: a cut must not leave half of one. */
export function wholeCharacters(bytes: Uint8Array): number {
  // The last character starts at most three bytes before the last byte.
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return size > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The part of one output stream that a result shows. */
export class OutputCapture {
  readonly #name: string;
  readonly #store: ByteStore;

  constructor(name: "stdout" | "stderr", limit: number) {
    this.#name = name;
    this.#store = new ByteStore(limit);
  }

  add(bytes: Uint8Array): void {
    this.#store.add(bytes);
  }

  get truncated(): boolean {
    return this.#store.overflown;
  }

  /** What was kept, decoded as UTF-8; when it is not all, the last line says so. */
  text(): string {
    const { bytes } = this.#store;
    if (!this.truncated) return bytes.toString("utf8");
    const kept = wholeCharacters(bytes);
    const marker = `[secure-exec: ${this.#name} was cut after ${kept} bytes; the program went on]`;
    return `${bytes.toString("utf8", 0, kept)}\n${marker}\n`;
  }
}
