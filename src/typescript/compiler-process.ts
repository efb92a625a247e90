import { CompilerStoppedError } from "../errors/compiler-stopped-error.js";
import type { GuestProcess } from "../runtime/guest-process.js";
import type { NodeRuntime } from "../runtime/node-runtime.js";
import type { ProcessEnd } from "../runtime/result.js";
import { MAX_ANSWER } from "./answer.js";

/** Bytes of a job that are written at a time. */
const PIECE = 64 * 1024;
/** Characters of its standard error that are kept, to tell what it failed of. */
const LAST_WORDS = 2000;

/** One process of the compiler in a guest, which answers each line that it is told with one line. */
export class CompilerProcess {
  #process: GuestProcess | null = null;
  #answer = "";
  #stderr = "";
  #asked: { resolve(line: string): void; reject(error: unknown): void } | null = null;
  #ended = false;
  /** Lines follow each other. */
  #written: Promise<void> = Promise.resolve();

  private constructor() {}

  /** Starts one that has been told the first line, which has no answer. */
  static async start(runtime: NodeRuntime, program: string, outfit: string): Promise<CompilerProcess> {
    const made = new CompilerProcess();
    const process = await runtime.spawn(program, {
      onStdout: (text) => made.#take(text),
      onStderr: (text) => {
        made.#stderr = (made.#stderr + text).slice(-LAST_WORDS);
      },
    });
    made.#process = process;
    process.wait().then(
      (end) => made.#end(describe(end, made.#stderr)),
      (error: unknown) => made.#end(error),
    );
    made.#write(outfit);
    return made;
  }

  /** True when it answers no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves with the answer to a line. Rejects when the process ends before, with why. */
  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#write(line);
    });
  }

  /** Ends it; who waits for an answer is told of the error. */
  stop(error: unknown): void {
    this.#end(error);
    this.#process?.kill("SIGKILL");
  }

  #write(line: string): void {
    this.#written = this.#written.then(() => this.#writeNow(line));
  }

  /** What can't be written, the end of the process tells the reason of. */
  async #writeNow(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length; at += PIECE)
        await this.#process?.writeStdin(bytes.subarray(at, at + PIECE));
    } catch (error) {
      if (!this.#ended) await this.#process?.wait().catch(() => this.#end(error));
    }
  }

  #take(text: string): void {
    this.#answer += text;
    if (this.#answer.length > MAX_ANSWER) {
      this.stop(
        new CompilerStoppedError("size", `The TypeScript compiler's answer is larger than ${MAX_ANSWER}`),
      );
    }
    if (!this.#answer.endsWith("\n")) return;
    const line = this.#answer;
    this.#answer = "";
    this.#asked?.resolve(line);
    this.#asked = null;
  }

  #end(error: unknown): void {
    this.#ended = true;
    this.#asked?.reject(error);
    this.#asked = null;
  }
}

function describe({ exitCode, termination }: ProcessEnd, stderr: string): CompilerStoppedError {
  if (termination?.reason === "memory") {
    return new CompilerStoppedError(
      "memory",
      "The TypeScript compiler took more memory than its process may",
      {
        hint: `Its runtime allows ${termination.limit} bytes: see limits.memoryBytes.`,
      },
    );
  }
  const words = stderr.trim();
  return new CompilerStoppedError(
    "crash",
    `The TypeScript compiler ended with exit code ${exitCode}${words === "" ? "" : `: ${words}`}`,
  );
}
