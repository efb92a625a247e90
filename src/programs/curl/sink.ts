import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { CommandContext } from "../command.js";
import { errorText } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { Failure } from "./failure.js";
import type { CurlOptions } from "./options.js";

const CANNOT_WRITE = 23;

/** Where bytes go: stdout, or a file that is made with its first byte or at a good end. */
export class Sink {
  readonly name: string | null;
  readonly #context: CommandContext;
  readonly #options: CurlOptions;
  #file: FileDescriptor | null = null;

  /** `name` is null, or `-`, for stdout. */
  constructor(context: CommandContext, options: CurlOptions, name: string | null) {
    this.#context = context;
    this.#options = options;
    this.name = name === "-" ? null : name;
  }

  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : Buffer.from(data);
    const file = this.name === null ? null : await this.#open(this.name);
    try {
      await (file === null ? this.#context.stdout(bytes) : file.write(bytes));
    } catch (error) {
      this.#context.signal.throwIfAborted();
      // Nobody reads any more: that ends a command as the signal would.
      if ((error as NodeJS.ErrnoException).code === "EPIPE") throw error;
      throw new Failure(CANNOT_WRITE, "Failure writing output to destination");
    }
  }

  /** The end of a transfer that went well: also what was empty is there then. */
  async end(): Promise<void> {
    if (this.name !== null) await this.#open(this.name);
  }

  close(): void {
    this.#file?.release();
    this.#file = null;
  }

  async #open(name: string): Promise<FileDescriptor> {
    if (this.#file !== null) return this.#file;
    const path = this.#context.path(name);
    try {
      if (this.#options.has("create-dirs")) mkdirSync(dirname(path), { recursive: true });
      this.#file = await FileDescriptor.open(path, "w");
      return this.#file;
    } catch (error) {
      const { errno, code } = error as NodeJS.ErrnoException;
      const warning = `Warning: Failed to open the file ${name}: ${errorText(errno, String(code))}\n`;
      if (!this.#options.has("silent")) await this.#context.stderr(warning);
      throw new Failure(CANNOT_WRITE, "Failure writing output to destination");
    }
  }
}
