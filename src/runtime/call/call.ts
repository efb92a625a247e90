import { constants } from "node:os";
import { ValueRefusedError } from "../../errors/value-refused-error.js";
import type { CallExit, CallHandlers, MachineCall, MachineExit } from "../../machine/index.js";
import type { TerminalSize, TerminationReason } from "../../wire/messages.js";
import type { ResolvedCall } from "../options/call-options.js";
import { checkStillThere } from "../options/checks.js";
import type { ResolvedLimits } from "../options/limits.js";
import type { Termination } from "../result.js";
import type { LiveMachine } from "../revival.js";
import type { AbortListeners } from "./abort-listeners.js";
import { BackupTimer } from "./backup-timer.js";
import type { OutputName } from "./delivery.js";
import type { CallOutput } from "./output.js";
import { decodeValue, MAX_VALUE_BYTES } from "./value.js";
import { type Ending, judge, stuckEnding, unstartedEnding } from "./verdict.js";

/** How long what a killed machine had sent may take to be read, in milliseconds. */
const LAST_WORDS = 15;

/**
 * How long after its timeout a call may still wait for its callbacks, in milliseconds: what is left of the
 * 100 ms by which it has to be answered goes to the answering.
 */
const LAST_CALLBACKS = 80;

/** The same for a call that was ended for another reason, from its end on. */
const PATIENCE = 100;

/** How a call ended, and what its program returned. */
export interface Outcome extends Ending {
  value: unknown;
}

/** One program that a caller has run, from its options to its outcome. */
export class Call {
  /** Settles when the caller is to be told, which may be before the process is gone. */
  readonly result: Promise<Outcome>;
  /** Resolves to the process's id as it starts, to null when the call ends without a process; rejects as `result`. */
  readonly began: Promise<number | null>;
  /** Resolves when nothing of the call is left in a machine. */
  readonly ended: Promise<void>;
  readonly #request: ResolvedCall;
  readonly #limits: ResolvedLimits;
  readonly #wantsValue: boolean;
  /** Bytes of standard input that there were at the beginning. */
  readonly #stdinBytes: number;
  readonly #output: CallOutput;
  readonly #timer: BackupTimer;
  readonly #aborts: AbortListeners;
  readonly #aborted = () => this.fail(this.#request.signal?.reason);
  #resolve!: (outcome: Outcome) => void;
  #reject!: (error: unknown) => void;
  #begin!: (pid: number) => void;
  #end!: () => void;
  /** The outcome stands; it is perhaps still waiting for callbacks. */
  #decided = false;
  #settled = false;
  #live: LiveMachine | null = null;
  #process: MachineCall | null = null;
  #pid: number | null = null;
  #place: NonNullable<CallExit["resident"]> | null = null;
  /** When its time began, and when it is over. */
  #begun = 0;
  #due = 0;
  /** Milliseconds that its process was given. */
  #left: number | null = null;
  /** What the end of the machine means for the program, when nothing else ends it. */
  #lastResort: "timeout" | "killed" = "timeout";
  /** The ending of a call that the host gave up on. */
  #guilty: Ending | null = null;

  constructor(
    request: ResolvedCall,
    limits: ResolvedLimits,
    aborts: AbortListeners,
    output: CallOutput,
    wantsValue = false,
  ) {
    this.#request = request;
    this.#output = output;
    this.#aborts = aborts;
    this.#stdinBytes = request.stdin?.length ?? 0;
    this.#limits = limits;
    this.#wantsValue = wantsValue;
    output.failed = (error) => this.fail(error);
    this.#timer = new BackupTimer({
      due: () => this.#output.release(),
      expired: () => this.#giveUp(),
    });
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.began = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.result.then(() => resolve(null), reject);
    });
    // Only some callers ask for it.
    this.began.catch(() => undefined);
    if (request.signal?.aborted) this.#aborted();
    else if (request.signal !== undefined) aborts.add(request.signal, this.#aborted);
  }

  /** True when the outcome stands: there is no reason to start any more. */
  get decided(): boolean {
    return this.#decided;
  }

  /** It has its turn and a machine: the time that it may take runs from now on. */
  begin(): void {
    const { timeout } = this.#request;
    if (timeout === null || this.#decided) return;
    this.#begun = performance.now();
    this.#due = this.#begun + timeout;
    this.#timer.waiting(timeout);
  }

  /** Its process in the guest, null before it has started. */
  get pid(): number | null {
    return this.#pid;
  }

  /** Where a snippet was evaluated; null while it is not known, or when its machine is gone. */
  get place(): NonNullable<CallExit["resident"]> | null {
    return this.#place;
  }

  /** Starts the process; `entry` is known only now, of a snippet. */
  start(live: LiveMachine, entry = this.#request.entry): void {
    const { code, args, env, cwd, timeout, stdin, keepsStdin, terminal } = this.#request;
    if (stdin !== null) checkStillThere(stdin, "stdin", this.#stdinBytes);
    this.#live = live;
    const memory = this.#limits.memoryBytes;
    const valueLimit = this.#wantsValue ? MAX_VALUE_BYTES : 0;
    // What came before, looking at the working directory, was the call's time too.
    const left =
      timeout === null ? null : Math.max(1, Math.ceil(timeout - (performance.now() - this.#begun)));
    this.#left = left;
    if (left !== null) this.#timer.starting(left);
    const request = { code, entry, args, env, cwd, timeout: left, memory, valueLimit, terminal };
    const process = live.machine.start(request, this.#handlers());
    this.#process = process;
    live.running++;
    if (stdin !== null) process.writeStdin(stdin).catch((error: unknown) => this.fail(error));
    if (!keepsStdin) process.endStdin();
  }

  /** Writes to the standard input of a process that has begun; false when nobody takes it any more. */
  async writeStdin(bytes: Uint8Array): Promise<boolean> {
    return (await this.#process?.writeStdin(bytes)) ?? false;
  }

  closeStdin(): void {
    this.#process?.endStdin();
  }

  resize(size: TerminalSize): void {
    this.#process?.resize(size);
  }

  /** Signals a process that has begun; false when it has ended. */
  kill(signal: number): boolean {
    if (this.#process === null || this.#decided) return false;
    if (signal === 0) return true;
    // Whoever ends a program doesn't want to wait for its readers.
    this.#output.release();
    this.#process.kill(signal, "killed");
    if (signal === constants.signals.SIGKILL) {
      this.#lastResort = "killed";
      this.#timer.killed();
    }
    return true;
  }

  /** Rejects with an error now, and ends the process. */
  fail(error: unknown): void {
    if (this.#process === null) {
      // It has not started and will not.
      this.#timer.stop();
      this.#end();
    }
    if (this.#settled) return;
    this.#decided = true;
    this.#settle(() => this.#reject(error));
    this.#output.stop();
    if (this.#process === null) return;
    this.#process.kill(constants.signals.SIGKILL, "aborted");
    this.#timer.killed();
  }

  #handlers(): CallHandlers {
    return {
      started: (pid) => {
        this.#pid = pid;
        this.#begin(pid);
        if (this.#left === null || this.#settled) return;
        this.#due = performance.now() + this.#left;
        this.#timer.started(this.#left);
      },
      stdout: (bytes, consumed) => this.#push("stdout", bytes, consumed),
      stderr: (bytes, consumed) => this.#push("stderr", bytes, consumed),
      exit: (exit) => this.#exited(exit),
      stuck: (reason) => this.#stuck(reason),
      lost: (exit) => this.#lost(exit),
    };
  }

  #push(name: OutputName, bytes: Uint8Array, consumed: (bytes: number) => void): void {
    if (this.#decided) {
      consumed(bytes.length);
      return;
    }
    this.#output.push(name, bytes, consumed);
  }

  #exited(exit: CallExit): void {
    if (this.#live !== null) this.#live.running--;
    this.#place = exit.resident ?? null;
    this.#timer.stop();
    this.#end();
    if (exit.valueTooLarge && this.#wantsValue && exit.exitCode === 0) {
      this.#refuse(new ValueRefusedError(`its JSON takes more than ${MAX_VALUE_BYTES} bytes`));
      return;
    }
    const termination = exit.termination;
    const reason = termination?.reason === "aborted" ? "killed" : termination?.reason;
    this.#decide(
      {
        exitCode: exit.exitCode,
        signal: exit.signal,
        termination:
          reason === undefined
            ? null
            : { reason, limit: reason === "timeout" ? this.#request.timeout : (termination?.limit ?? null) },
      },
      this.#wantsValue && exit.exitCode === 0 ? exit.value : null,
    );
  }

  /** The kernel can't stop the process: only the end of the machine can. */
  #stuck(reason: TerminationReason): void {
    this.#timer.stop();
    this.#live?.condemn(reason === "memory" ? "memory" : "timeout");
    this.#decide(
      stuckEnding(reason, reason === "timeout" ? this.#request.timeout : this.#limits.memoryBytes),
    );
  }

  /** The host's clock ran out: the kernel has neither ended the process nor said why. */
  #giveUp(): void {
    if (this.#process === null) {
      this.#end();
      this.#decide(unstartedEnding(this.#request.timeout));
      return;
    }
    const reason = this.#lastResort;
    this.#live?.condemn(reason);
    const ending = stuckEnding(reason, reason === "timeout" ? this.#request.timeout : null);
    this.#guilty = ending;
    setTimeout(() => this.#decide(ending), LAST_WORDS);
  }

  #lost(exit: MachineExit): void {
    this.#timer.stop();
    this.#end();
    if (this.#decided) return;
    const ending = this.#guilty ?? this.#judge(exit);
    if (ending instanceof Error) {
      this.#refuse(ending);
      return;
    }
    if (this.#guilty === null && exit.stderr !== "") {
      const words = Buffer.from(exit.stderr);
      this.#push("stderr", words, () => {});
    }
    this.#decide(ending);
  }

  #judge(exit: MachineExit): Ending | Error {
    return judge(exit, {
      pid: this.#pid,
      alone: this.#live?.running === 1,
      memory: this.#limits.memoryBytes,
      machineMemory: this.#limits.machineMemoryBytes,
      machineThreads: this.#limits.threads,
    });
  }

  /**
   * Answers with a result, after the callbacks have had all output. A program that was ended from outside
   * is answered for in time, whatever becomes of its callbacks.
   */
  #decide(ending: Ending, value: Buffer | null = null): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#output.release();
    const stop =
      ending.termination === null
        ? undefined
        : setTimeout(() => this.#output.stop(), this.#patience(ending.termination.reason));
    void this.#output.end().then(() => {
      clearTimeout(stop);
      try {
        const outcome = { ...ending, value: value === null ? undefined : decodeValue(value) };
        this.#settle(() => this.#resolve(outcome));
      } catch (error) {
        this.#settle(() => this.#reject(error));
      }
    });
  }

  /** How long callbacks are waited for. */
  #patience(reason: Termination["reason"]): number {
    if (reason !== "timeout") return PATIENCE;
    return Math.max(0, this.#due + LAST_CALLBACKS - performance.now());
  }

  /** Rejects without touching the process, which is gone. */
  #refuse(error: unknown): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#output.stop();
    this.#settle(() => this.#reject(error));
  }

  #settle(tell: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    const { signal } = this.#request;
    if (signal !== undefined) this.#aborts.remove(signal, this.#aborted);
    tell();
  }
}
