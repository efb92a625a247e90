import type { CommandContext, Write } from "../command.js";
import { CommandError, reason } from "../errors.js";
import type { Descriptor } from "../io/descriptor.js";
import { FileDescriptor } from "../io/file.js";
import { Input } from "../io/input.js";
import { createPipe } from "../io/pipe.js";
import { encodeText } from "../io/text.js";
import { RecordReader } from "./records.js";

const FLUSH = 64 * 1024;

/** Where `print` writes to: text is kept back until there is enough of it. */
class Output {
  readonly #write: Write;
  readonly #end: () => Promise<number>;
  #pending = "";

  constructor(write: Write, end: () => Promise<number> = async () => 0) {
    this.#write = write;
    this.#end = end;
  }

  get full(): boolean {
    return this.#pending.length > FLUSH;
  }

  add(text: string): void {
    this.#pending += text;
  }

  async flush(): Promise<void> {
    if (this.#pending === "") return;
    const bytes = encodeText(this.#pending);
    this.#pending = "";
    await this.#write(bytes);
  }

  async close(): Promise<number> {
    await this.flush();
    return this.#end();
  }
}

interface Source {
  reader: RecordReader;
  end: () => Promise<number>;
}

/** The files and commands that a program reads from and writes to, by their names. */
export class Streams {
  readonly stdout: Output;
  readonly #context: CommandContext;
  readonly #outputs = new Map<string, Output>();
  readonly #sources = new Map<string, Source>();

  constructor(context: CommandContext) {
    this.#context = context;
    this.stdout = new Output(context.stdout);
  }

  async output(operator: string, name: string): Promise<Output> {
    if (operator !== "|" && (name === "/dev/stdout" || name === "-")) return this.stdout;
    let output = this.#outputs.get(name);
    if (output === undefined) {
      output = operator === "|" ? this.#into(name) : await this.#file(operator, name);
      this.#outputs.set(name, output);
    }
    return output;
  }

  async #file(operator: string, name: string): Promise<Output> {
    if (name === "/dev/stderr") return new Output(this.#context.stderr);
    try {
      const file = await FileDescriptor.open(this.#context.path(name), operator === ">" ? "w" : "a");
      return new Output(writeTo(file), async () => {
        file.release();
        return 0;
      });
    } catch (error) {
      throw new CommandError(`can't redirect to ${name} (${reason(error)})`, 2);
    }
  }

  /** The input of a command, which runs at once. */
  #into(command: string): Output {
    const { reader, writer } = createPipe();
    const ended = this.#run(command, { stdin: reader }).finally(() => reader.release());
    // Its end is waited for when the pipe is closed.
    ended.catch(() => undefined);
    return new Output(writeTo(writer), () => {
      writer.release();
      return ended;
    });
  }

  /** Null where there is no such file. */
  async source(from: "file" | "command", name: string): Promise<RecordReader | null> {
    let source = this.#sources.get(name);
    if (source === undefined) {
      const made = from === "file" ? await this.#from(name) : await this.#outOf(name);
      if (made === null) return null;
      source = made;
      this.#sources.set(name, source);
    }
    return source.reader;
  }

  async #from(name: string): Promise<Source | null> {
    if (name === "-" || name === "/dev/stdin")
      return { reader: new RecordReader(this.#context.stdin), end: async () => 0 };
    try {
      const file = await FileDescriptor.open(this.#context.path(name), "r");
      const end = async () => {
        file.release();
        return 0;
      };
      return { reader: new RecordReader(new Input(file, this.#context.signal)), end };
    } catch {
      return null;
    }
  }

  async #outOf(command: string): Promise<Source> {
    await this.flush();
    const { reader, writer } = createPipe();
    const ended = this.#run(command, { stdout: writer }).finally(() => writer.release());
    ended.catch(() => undefined);
    const end = async () => {
      reader.release();
      return ended;
    };
    return { reader: new RecordReader(new Input(reader, this.#context.signal)), end };
  }

  #run(command: string, streams: { stdin?: Descriptor; stdout?: Descriptor }): Promise<number> {
    return this.#context.run("sh", ["-c", command], streams);
  }

  async system(command: string): Promise<number> {
    await this.flush();
    return this.#run(command, {});
  }

  /** Answers -1 where nothing of that name is open. */
  async close(name: string): Promise<number> {
    const output = this.#outputs.get(name);
    const source = this.#sources.get(name);
    this.#outputs.delete(name);
    this.#sources.delete(name);
    let status = -1;
    if (output !== undefined) {
      await this.stdout.flush();
      status = await output.close();
    }
    if (source !== undefined) status = await source.end();
    return status;
  }

  async flush(): Promise<void> {
    await this.stdout.flush();
    for (const output of this.#outputs.values()) await output.flush();
  }

  async closeAll(): Promise<void> {
    await this.stdout.flush();
    for (const name of [...this.#outputs.keys(), ...this.#sources.keys()]) await this.close(name);
  }
}

function writeTo(descriptor: Descriptor): Write {
  return (bytes) => descriptor.write(Buffer.from(bytes as Uint8Array));
}
