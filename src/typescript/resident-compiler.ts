import { CompilerStoppedError } from "../errors/compiler-stopped-error.js";
import { DisposedError } from "../errors/disposed-error.js";
import { Turns } from "../runtime/call/turns.js";
import type { NodeRuntime } from "../runtime/node-runtime.js";
import { parseAnswer } from "./answer.js";
import { CompilerProcess } from "./compiler-process.js";
import { readOutfit, readProgram } from "./outfit.js";
import type { Answer, Job } from "./protocol.js";

/** When a job is given up. */
export interface Patience {
  timeout: number;
  signal: AbortSignal | undefined;
}

/** The compiler in a runtime: its process is kept from job to job, and replaced when it has ended. */
export class ResidentCompiler {
  readonly #runtime: NodeRuntime;
  #process: CompilerProcess | null = null;
  /** One job at a time. */
  readonly #turns = new Turns(1);
  #jobs = 0;
  #disposed = false;

  constructor(runtime: NodeRuntime) {
    this.#runtime = runtime;
  }

  /** Starts its process, so that the first job need not. */
  async start(): Promise<void> {
    this.#process = await this.#launch();
  }

  /**
   * Does a job after those before it. Rejects with CompilerStoppedError, the reason of `signal`, DisposedError,
   * or with what prevents the process from running.
   */
  async do(job: Omit<Job, "id">, patience: Patience): Promise<Extract<Answer, { files: unknown }>> {
    const entered = this.#turns.enter();
    try {
      await untilAborted(entered, patience.signal);
    } catch (error) {
      void entered.then(() => this.#turns.leave());
      throw error;
    }
    try {
      return await this.#ask({ ...job, id: ++this.#jobs }, patience);
    } finally {
      this.#turns.leave();
    }
  }

  /** Ends the process. Jobs under way reject with DisposedError. */
  dispose(): void {
    this.#disposed = true;
    this.#process?.stop(new DisposedError());
  }

  async #ask(job: Job, { timeout, signal }: Patience): Promise<Extract<Answer, { files: unknown }>> {
    if (this.#disposed) throw new DisposedError();
    if (this.#process === null || this.#process.ended) this.#process = await this.#launch();
    const process = this.#process;
    if (this.#disposed) process.stop(new DisposedError());
    signal?.throwIfAborted();
    const aborted = () => process.stop(signal?.reason);
    const timer = setTimeout(() => process.stop(tooSlow(timeout)), timeout);
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      return parseAnswer(await process.ask(JSON.stringify(job)), job.id);
    } catch (error) {
      // What failed once is not trusted with the next job.
      if (!(error instanceof CompilerStoppedError && error.reason === "size")) process.stop(error);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    }
  }

  async #launch(): Promise<CompilerProcess> {
    const [program, outfit] = await Promise.all([readProgram(), readOutfit()]);
    return await CompilerProcess.start(this.#runtime, program, JSON.stringify(outfit));
  }
}

function tooSlow(timeout: number): CompilerStoppedError {
  return new CompilerStoppedError("timeout", `The TypeScript compiler took longer than ${timeout} ms`);
}

/** Waits for a turn that always comes, unless the signal has it given up. */
async function untilAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
