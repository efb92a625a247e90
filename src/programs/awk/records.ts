import type { Input } from "../io/input.js";
import { decodeText } from "../io/text.js";
import { regexOf } from "./regexes.js";

/** Where a record ends: at a newline, at blank lines, at a character, or at what an expression matches. */
export class RecordReader {
  readonly #input: Input;
  #rest: Buffer[] = [];
  #text = "";
  #at = 0;
  #ended = false;

  constructor(input: Input) {
    this.#input = input;
  }

  /** Whether a record is there without waiting: what is known for single characters alone. */
  ready(separator: string): boolean {
    return separator.length === 1 && this.#text.indexOf(separator, this.#at) >= 0;
  }

  /** Null at the end. */
  async next(separator: string): Promise<string | null> {
    if (separator === "") return this.#paragraph();
    if (separator.length === 1) {
      for (;;) {
        const end = this.#text.indexOf(separator, this.#at);
        if (end >= 0) return this.#take(end, 1);
        if (!(await this.#more())) return this.#last();
      }
    }
    const regex = regexOf(separator);
    for (;;) {
      regex.lastIndex = this.#at;
      const match = regex.exec(this.#text);
      const [found = ""] = match ?? [];
      // A match at the end of what is there might go on.
      if (match !== null && found !== "" && (this.#ended || match.index + found.length < this.#text.length))
        return this.#take(match.index, found.length);
      if (!(await this.#more())) {
        if (match !== null && found !== "") return this.#take(match.index, found.length);
        return this.#last();
      }
    }
  }

  async #paragraph(): Promise<string | null> {
    for (;;) {
      while (this.#text.charAt(this.#at) === "\n") this.#at++;
      if (this.#at < this.#text.length || !(await this.#more())) break;
    }
    for (;;) {
      const end = this.#text.indexOf("\n\n", this.#at);
      if (end >= 0) {
        let behind = end + 2;
        while (this.#text.charAt(behind) === "\n") behind++;
        return this.#take(end, behind - end);
      }
      if (!(await this.#more())) return this.#last()?.replace(/\n$/, "") ?? null;
    }
  }

  #take(end: number, length: number): string {
    const record = this.#text.slice(this.#at, end);
    this.#at = end + length;
    return record;
  }

  #last(): string | null {
    if (this.#at >= this.#text.length) return null;
    return this.#take(this.#text.length, 0);
  }

  /** Reads on; characters whose bytes came in two pieces are put together. */
  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = await this.#input.read(64 * 1024);
    if (chunk === null) this.#ended = true;
    const bytes = Buffer.concat([...this.#rest, ...(chunk === null ? [] : [chunk])]);
    const end = chunk === null ? bytes.length : wholeCharacters(bytes);
    this.#rest = end < bytes.length ? [Buffer.from(bytes.subarray(end))] : [];
    this.#text = this.#text.slice(this.#at) + decodeText(bytes.subarray(0, end));
    this.#at = 0;
    return chunk !== null;
  }
}

/** Where the last character ends that is there as a whole. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
