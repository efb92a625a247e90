import type { CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { Input } from "../io/input.js";
import { type Batch, lineBatches } from "../io/lines.js";

/** A line, and whether it had an end. */
interface Line {
  text: string;
  ended: boolean;
}

/** The lines of files one after the other, seen one ahead: a command may ask whether there is another one. */
export class LineInput {
  status = 0;
  /** The name of the file that the last line came from. */
  name = "-";
  number = 0;
  readonly #context: CommandContext;
  readonly #delimiter: string;
  readonly #batches: AsyncGenerator<Batch & { name: string }, void>;
  #lines: string[] = [];
  #at = 0;
  #ended = true;
  #from = "-";

  constructor(context: CommandContext, names: readonly string[], delimiter: string) {
    this.#context = context;
    this.#delimiter = delimiter;
    this.#batches = this.#read(names);
  }

  /** Whether the next line is there already. */
  get ready(): boolean {
    return this.#at < this.#lines.length;
  }

  /** Waits for a line; answers whether there is one. */
  async fill(): Promise<boolean> {
    while (!this.ready) {
      const { value } = await this.#batches.next();
      if (!value) return false;
      this.#lines = value.lines;
      this.#ended = value.ended;
      this.#from = value.name;
      this.#at = 0;
    }
    return true;
  }

  /** Only where there is one. */
  take(): Line {
    const text = this.#lines[this.#at++] as string;
    this.name = this.#from;
    this.number++;
    return { text, ended: this.#ended || this.ready };
  }

  /** Lets go of the file that is being read. */
  async close(): Promise<void> {
    await this.#batches.return();
  }

  async *#read(names: readonly string[]): AsyncGenerator<Batch & { name: string }, void> {
    for (const name of names) {
      let file: FileDescriptor | null;
      try {
        file = name === "-" ? null : await FileDescriptor.open(this.#context.path(name), "r");
      } catch (error) {
        this.status = await this.#context.fail(`can't read ${name}: ${reason(error)}`, 2);
        continue;
      }
      const input = file === null ? this.#context.stdin : new Input(file, this.#context.signal);
      try {
        for await (const batch of lineBatches(input, "exact", this.#delimiter)) yield { ...batch, name };
      } catch (error) {
        throw new CommandError(`read error on ${name}: ${reason(error)}`, 4);
      } finally {
        file?.release();
      }
    }
  }
}
