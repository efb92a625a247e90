import { primordials } from "../internals.js";
import { SharedEnvironment } from "./shared-environment.js";

const { ObjectDefineProperty } = primordials;

type Environment = NodeJS.ProcessEnv;
/** Puts rules before an environment. */
type Judge = (environment: Environment) => Environment;

/** The environment of this thread, which it may come to share with others. */
export class ThreadVariables {
  readonly #process: NodeJS.Process;
  readonly #own: Environment;
  #shared: SharedEnvironment | undefined;
  #judge: Judge | undefined;
  #view: Environment;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.#own = process.env;
    this.#view = this.#own;
  }

  /** The variables as they are now. */
  all(): Environment {
    this.#shared?.refresh();
    return this.#own;
  }

  /** What stands in `process.env` unless the program put something else there. */
  get view(): Environment {
    return this.#view;
  }

  /** The memory by which other threads see the variables, and change them. */
  share(): SharedArrayBuffer {
    if (this.#shared === undefined) this.#install(new SharedEnvironment(this.#own as Record<string, string>));
    return (this.#shared as SharedEnvironment).buffer;
  }

  /** Sees and changes from now on what other threads do. */
  join(buffer: SharedArrayBuffer): void {
    this.#install(new SharedEnvironment(this.#own as Record<string, string>, buffer));
  }

  /** Has rules stand before the variables from now on. */
  judgeBy(judge: Judge): void {
    this.#judge = judge;
    this.#install(this.#shared);
  }

  #install(shared: SharedEnvironment | undefined): void {
    this.#shared = shared;
    const variables = shared === undefined ? this.#own : shared.view();
    this.#view = this.#judge === undefined ? variables : this.#judge(variables);
    ObjectDefineProperty(this.#process, "env", {
      __proto__: null,
      configurable: true,
      enumerable: true,
      writable: true,
      value: this.#view,
    });
  }
}
