import type { SnippetOptions } from "../options/resident-options.js";
import type { ResidentResult } from "../result.js";

/** What a runner stands on. */
export interface RunnerCore {
  evaluate(code: unknown, options: unknown, wantsValue: boolean): Promise<ResidentResult<unknown>>;
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * One live guest process that evaluates many snippets: what one leaves in `globalThis`, in modules that it
 * imports, or running, the next one finds. `NodeRuntime.createResidentRunner()` makes it.
 *
 * Snippets are evaluated one after another, in the order of the calls. Each is an ES module of its own, with
 * top-level await and imports from `cwd`, as the code of `NodeRuntime.exec()`. It is over when its top level
 * is; timers, servers and children that it has started go on.
 *
 * The process starts with the first call. When it ends (`process.exit()`, an error that nobody catches, a
 * timeout), the result says so, and the next call gets a fresh one.
 *
 * @example
 * ```ts
 * await using runner = rt.createResidentRunner();
 * await runner.exec("globalThis.count = 1");
 * const { value } = await runner.run<number>("__return(++count)"); // 2
 * await runner.reset(); // another process: count is gone
 * ```
 */
export class ResidentRunner implements AsyncDisposable {
  readonly #core: RunnerCore;

  /** @internal */
  constructor(core: RunnerCore) {
    this.#core = core;
  }

  /**
   * Evaluates a snippet. One that throws is a result with exit code 1 and the error on `stderr`, and the
   * process lives on. One that is ended by its `timeout` (exit code 124) or `signal` takes the process with
   * it, never the runtime.
   *
   * @throws All that `NodeRuntime.exec()` throws, and DisposedError when the runner has been, or is
   * meanwhile, disposed of.
   * @throws What `onLateOutput` threw before.
   */
  async exec(code: string, options?: SnippetOptions): Promise<Omit<ResidentResult<unknown>, "value">> {
    const { value: _, ...result } = await this.#core.evaluate(code, options, false);
    return result;
  }

  /** Like `exec()`, and hands back what the snippet passed to `__return()`: see `NodeRuntime.run()`. */
  async run<T = unknown>(code: string, options?: SnippetOptions): Promise<ResidentResult<T>> {
    return (await this.#core.evaluate(code, options, true)) as ResidentResult<T>;
  }

  /**
   * Ends the process at once and lets the next call have a fresh one. A snippet under way is answered with
   * exit code 137; those that wait are evaluated in the fresh process.
   */
  async reset(): Promise<void> {
    await this.#core.reset();
  }

  /** Ends the process. Pending calls reject with DisposedError. May be called again. */
  async dispose(): Promise<void> {
    await this.#core.dispose();
  }

  /** `dispose()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
