import { StringDecoder } from "node:string_decoder";
import type { Descriptor } from "./descriptor.js";

const CHUNK = 64 * 1024;
const NEWLINE = 10;

/** The ways in which commands read a descriptor. */
export class Input {
  readonly #descriptor: Descriptor;
  readonly #signal: AbortSignal;

  /** Reads reject once `signal` is aborted. */
  constructor(descriptor: Descriptor, signal: AbortSignal) {
    this.#descriptor = descriptor;
    this.#signal = signal;
  }

  /** What the descriptor has, at most `most` bytes; null at the end. */
  async read(most: number): Promise<Buffer | null> {
    const signal = this.#signal;
    signal.throwIfAborted();
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop);
    });
    try {
      return await Promise.race([this.#descriptor.read(most), aborted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Its bytes, piece by piece. */
  async *chunks(): AsyncGenerator<Buffer, void> {
    for (;;) {
      const chunk = await this.read(CHUNK);
      if (chunk === null) return;
      yield chunk;
    }
  }

  /** Its lines without their ends, as bytes; `delimiter` is the byte that ends one. */
  async *byteLines(delimiter = NEWLINE): AsyncGenerator<{ line: Buffer; ended: boolean }, void> {
    let parts: Buffer[] = [];
    for await (const chunk of this.chunks()) {
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(delimiter, start);
        if (end < 0) break;
        const last = chunk.subarray(start, end);
        yield { line: parts.length === 0 ? last : Buffer.concat([...parts, last]), ended: true };
        parts = [];
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
    }
    if (parts.length > 0) yield { line: Buffer.concat(parts), ended: false };
  }

  /** Its lines without their ends, as text. */
  async *lines(): AsyncGenerator<string, void> {
    for await (const { line } of this.byteLines()) yield line.toString();
  }

  async bytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async text(): Promise<string> {
    return (await this.bytes()).toString();
  }

  /**
   * One line, read byte by byte, since what follows it is for whoever reads next. Null at the end; `ended`
   * tells whether the delimiter was there.
   */
  async line(delimiter = NEWLINE): Promise<{ line: string; ended: boolean } | null> {
    const decoder = new StringDecoder();
    let line = "";
    let count = 0;
    for (;;) {
      const byte = await this.read(1);
      if (byte === null) return count === 0 ? null : { line: line + decoder.end(), ended: false };
      count++;
      if (byte[0] === delimiter) return { line: line + decoder.end(), ended: true };
      line += decoder.write(byte);
    }
  }
}
