import { ByteCollector } from "../../wire/byte-collector.js";

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
  readonly #kept: ByteCollector;
  #truncated = false;

  constructor(name: "stdout" | "stderr", limit: number) {
    this.#name = name;
    this.#kept = new ByteCollector(limit);
  }

  /** Copies what there is room for. */
  add(bytes: Uint8Array): void {
    if (this.#kept.push(bytes) < bytes.length) this.#truncated = true;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  /** What was kept, decoded as UTF-8; when it is not all, the last line says so. */
  text(): string {
    const bytes = this.#kept.bytes();
    if (!this.truncated) return bytes.toString("utf8");
    const kept = wholeCharacters(bytes);
    const marker = `[secure-exec: ${this.#name} was cut after ${kept} bytes; the program went on]`;
    return `${bytes.toString("utf8", 0, kept)}\n${marker}\n`;
  }
}
