import { constants } from "node:os";
import { StdinClosedError } from "../errors/stdin-closed-error.js";
import type { Call } from "./call/call.js";
import type { LiveOutput } from "./call/live-output.js";
import { checkBytes } from "./options/checks.js";
import { checkSignal } from "./options/signal.js";
import { describeEnd, type ProcessEnd } from "./result.js";

/**
 * A guest process that runs: what `spawn()` answers.
 *
 * @example
 * ```ts
 * await using cat = await rt.spawn({ command: "cat" });
 * await cat.writeStdin("hello\n");
 * cat.closeStdin();
 * for await (const text of cat.stdout) console.log(text); // hello
 * const { exitCode } = await cat.wait();
 * ```
 */
export class GuestProcess implements AsyncDisposable {
  /** Its number in the machine; undefined when it could not be started, which `wait()` tells the reason of. */
  readonly pid: number | undefined;
  /**
   * Its standard output as it comes, decoded as UTF-8 and cut on whole characters; empty when `onStdout` takes
   * it. While 256 KiB wait to be read the process is held back, as by a full pipe.
   */
  readonly stdout: AsyncIterable<string>;
  /** Its standard error, like `stdout`. */
  readonly stderr: AsyncIterable<string>;
  readonly #call: Call;
  readonly #end: Promise<ProcessEnd>;
  readonly #writeLimit: number;
  #closed: string | null;
  #ended: ProcessEnd | null = null;

  /** @internal */
  constructor(
    call: Call,
    pid: number | undefined,
    output: LiveOutput,
    openStdin: boolean,
    writeLimit: number,
  ) {
    this.pid = pid;
    this.stdout = output.stdout;
    this.stderr = output.stderr;
    this.#call = call;
    this.#writeLimit = writeLimit;
    this.#closed = openStdin ? null : "it was given with the option stdin";
    this.#end = call.result.then(describeEnd);
    this.#end.then(
      (end) => {
        this.#ended = end;
        this.#closed = "the process has ended";
      },
      () => {
        this.#closed = "the process has ended";
      },
    );
  }

  /** What it exited with, as `wait()` tells it; null while it runs. */
  get exitCode(): number | null {
    return this.#ended?.exitCode ?? null;
  }

  /** The signal that ended it; null while it runs, and when none did. */
  get signalCode(): string | null {
    return this.#ended?.signal ?? null;
  }

  /**
   * Writes to its standard input. Resolves when the bytes have left for the machine, which holds 320 KiB or so
   * that the process has not read: wait for it, or memory grows. A write is at most `limits.stdinBytes`.
   *
   * @throws StdinClosedError when the input is closed or the process has ended, also while it waits.
   * @throws InvalidOptionError for anything but text and bytes, or when their buffer is detached meanwhile.
   */
  async writeStdin(data: string | Uint8Array): Promise<void> {
    const bytes = checkBytes(data, "data", this.#writeLimit);
    if (this.#closed !== null) throw new StdinClosedError(this.#closed);
    if (!(await this.#call.writeStdin(bytes))) throw new StdinClosedError("the process has ended");
  }

  /** Ends its standard input after what was written. May be called again. */
  closeStdin(): void {
    this.#closed ??= "it was closed";
    this.#call.closeStdin();
  }

  /**
   * Signals it, by name or number: one that it listens to, it hears; others end it as they end a process of
   * Linux. False when it has ended already; 0 only asks.
   *
   * @throws InvalidOptionError for a signal that there isn't.
   */
  kill(signal: NodeJS.Signals | number = "SIGTERM"): boolean {
    return this.#call.kill(checkSignal(signal));
  }

  /**
   * Resolves when it has ended and callbacks have had its output; what has not been read by then can still be
   * read. Rejects as `exec()` does.
   */
  async wait(): Promise<ProcessEnd> {
    return await this.#end;
  }

  /** Kills it, and resolves when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#call.kill(constants.signals.SIGKILL);
    await this.#call.ended;
  }
}
