import { Transform, type TransformCallback } from "node:stream";

/** A value, and what stands in its place. */
export interface Replacement {
  value: string;
  placeholder: string;
}

/** Text without the values. */
export function scrubText(text: string, replacements: readonly Replacement[]): string {
  let scrubbed = text;
  for (const { value, placeholder } of replacements) scrubbed = scrubbed.replaceAll(value, placeholder);
  return scrubbed;
}

/** Takes values out of a flow of bytes, also where its pieces cut them. */
export class Scrubber extends Transform {
  readonly #replacements: { value: Buffer; placeholder: Buffer }[];
  #held: Buffer = Buffer.alloc(0);

  constructor(replacements: readonly Replacement[]) {
    super();
    // Of two values of which one begins with the other, the longer one is meant.
    this.#replacements = replacements
      .map(({ value, placeholder }) => ({ value: Buffer.from(value), placeholder: Buffer.from(placeholder) }))
      .sort((a, b) => b.value.length - a.value.length);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bytes = this.#scrub(Buffer.concat([this.#held, chunk]));
    const kept = this.#begun(bytes);
    this.#held = bytes.subarray(bytes.length - kept);
    if (bytes.length > kept) this.push(bytes.subarray(0, bytes.length - kept));
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#held.length > 0) this.push(this.#held);
    done();
  }

  #scrub(bytes: Buffer): Buffer {
    let scrubbed = bytes;
    for (const { value, placeholder } of this.#replacements) {
      const parts: Buffer[] = [];
      let from = 0;
      for (let at = scrubbed.indexOf(value); at >= 0; at = scrubbed.indexOf(value, from)) {
        parts.push(scrubbed.subarray(from, at), placeholder);
        from = at + value.length;
      }
      if (from > 0) scrubbed = Buffer.concat([...parts, scrubbed.subarray(from)]);
    }
    return scrubbed;
  }

  /** How many bytes at the end may be the beginning of a value. */
  #begun(bytes: Buffer): number {
    let most = 0;
    for (const { value } of this.#replacements) {
      for (let length = Math.min(value.length - 1, bytes.length); length > most; length--) {
        if (value.subarray(0, length).equals(bytes.subarray(bytes.length - length))) most = length;
      }
    }
    return most;
  }
}
