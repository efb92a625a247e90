import { closeSync, openSync, writeSync } from "node:fs";
import type { CommandContext, Write } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { encodeText } from "../io/text.js";

/** After so much text it is written. */
const FLUSH = 64 * 1024;

/** Where lines go. A line that had no end gets one only when another line follows it. */
export class LineOutput {
  readonly #write: Write;
  readonly #delimiter: string;
  #pending = "";
  #open = false;

  constructor(write: Write, delimiter: string) {
    this.#write = write;
    this.#delimiter = delimiter;
  }

  get full(): boolean {
    return this.#pending.length > FLUSH;
  }

  line(text: string, ended = true): void {
    this.text(text);
    if (ended) this.#pending += this.#delimiter;
    this.#open = !ended;
  }

  /** Text that has its own end. */
  text(text: string): void {
    if (this.#open) this.#pending += this.#delimiter;
    this.#open = false;
    this.#pending += text;
  }

  async flush(): Promise<void> {
    if (this.#pending === "") return;
    const bytes = encodeText(this.#pending);
    this.#pending = "";
    await this.#write(bytes);
  }
}

/** The files that `w` writes to, each made anew when the script begins. */
export class WrittenFiles {
  readonly #context: CommandContext;
  readonly #files = new Map<string, { fd: number; output: LineOutput }>();

  constructor(context: CommandContext, names: readonly string[], delimiter: string) {
    this.#context = context;
    for (const name of names) {
      if (name === "/dev/stdout" || name === "/dev/stderr" || this.#files.has(name)) continue;
      const fd = this.#open(name);
      const write: Write = async (bytes) => {
        writeSync(fd, bytes as Uint8Array);
      };
      this.#files.set(name, { fd, output: new LineOutput(write, delimiter) });
    }
  }

  #open(name: string): number {
    try {
      return openSync(this.#context.path(name), "w");
    } catch (error) {
      throw new CommandError(`couldn't open file ${name}: ${reason(error)}`, 4);
    }
  }

  /** What is written is there at once: the script may read it again. */
  async line(name: string, text: string, ended: boolean): Promise<void> {
    if (name === "/dev/stderr") return this.#context.stderr(encodeText(`${text}\n`));
    const output = this.#files.get(name)?.output;
    output?.line(text, ended);
    await output?.flush();
  }

  close(): void {
    for (const { fd } of this.#files.values()) closeSync(fd);
  }
}
