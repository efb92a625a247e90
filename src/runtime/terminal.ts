import { constants } from "node:os";
import { StdinClosedError } from "../errors/stdin-closed-error.js";
import type { Call } from "./call/call.js";
import { checkBytes } from "./options/checks.js";
import { checkSignal } from "./options/signal.js";
import { checkSize } from "./options/terminal-options.js";
import { describeEnd, type ProcessEnd } from "./result.js";

/**
 * A terminal with a guest process on it: what `openTerminal()` answers. What is written is typed on its
 * keyboard, and what comes is for its screen: text with the control sequences of a terminal.
 *
 * @example
 * ```ts
 * const terminal = await rt.openTerminal({ command: "node", onData: (text) => screen.write(text) });
 * screen.onData((typed) => terminal.write(typed));
 * screen.onResize(({ cols, rows }) => terminal.resize(cols, rows));
 * ```
 */
export class Terminal implements AsyncIterable<string>, AsyncDisposable {
  /** The number of its process in the machine; undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly #call: Call;
  readonly #screen: AsyncIterable<string>;
  readonly #end: Promise<ProcessEnd>;
  readonly #writeLimit: number;
  #ended: ProcessEnd | null = null;
  #over = false;

  /** @internal */
  constructor(call: Call, pid: number | undefined, screen: AsyncIterable<string>, writeLimit: number) {
    this.pid = pid;
    this.#call = call;
    this.#screen = screen;
    this.#writeLimit = writeLimit;
    this.#end = call.result.then(describeEnd);
    this.#end.then(
      (end) => {
        this.#ended = end;
        this.#over = true;
      },
      () => {
        this.#over = true;
      },
    );
  }

  /** What its process exited with; null while it runs. */
  get exitCode(): number | null {
    return this.#ended?.exitCode ?? null;
  }

  /** The signal that ended its process; null while it runs, and when none did. */
  get signalCode(): string | null {
    return this.#ended?.signal ?? null;
  }

  /**
   * Types. Resolves when the bytes have left for the machine, which holds 320 KiB or so that nobody has read.
   * Ends of lines are `\r`, as the key sends it, or `\n`; `\x03` is ^C, `\x04` is ^D.
   *
   * @throws StdinClosedError when its process has ended.
   * @throws InvalidOptionError for anything but text and bytes.
   */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = checkBytes(data, "data", this.#writeLimit);
    if (this.#over || !(await this.#call.writeStdin(bytes))) {
      throw new StdinClosedError("the process on the terminal has ended");
    }
  }

  /**
   * Tells of another size of the screen, each from 1 to 1000; programs hear of it by SIGWINCH.
   *
   * @throws InvalidOptionError for a size that can't be.
   */
  resize(cols: number, rows: number): void {
    this.#call.resize(checkSize(cols, rows));
  }

  /**
   * Signals its process, by name or number; by default it tells that the terminal is gone. False when the process
   * has ended already.
   *
   * @throws InvalidOptionError for a signal that there isn't.
   */
  kill(signal: NodeJS.Signals | number = "SIGHUP"): boolean {
    return this.#call.kill(checkSignal(signal));
  }

  /** Resolves when its process has ended, as `wait()` of a spawned process. */
  async wait(): Promise<ProcessEnd> {
    return await this.#end;
  }

  /**
   * What the screen is to show, as it comes, decoded as UTF-8; nothing when `onData` takes it. While 256 KiB wait
   * the processes on the terminal are held back.
   */
  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#screen[Symbol.asyncIterator]();
  }

  /** Kills its process and all that this one started, and resolves when they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#call.kill(constants.signals.SIGKILL);
    await this.#call.ended;
  }
}
