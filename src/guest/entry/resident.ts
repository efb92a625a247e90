import { SYS_SNIPPET_BEGIN, SYS_SNIPPET_END } from "../../syscall/numbers.js";
import { runMainScript } from "../async-resources.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import type { ProcessEnd } from "../process/end.js";
import { uncaughtText } from "../process/fatal.js";
import type { ActiveHandles } from "../process/handles.js";
import { writeStdioText } from "../stdio.js";
import type { ToJavaScript } from "../typescript/dialect.js";
import { warnOfPendingModule } from "./unsettled-await.js";

const { FunctionPrototypeCall, MapPrototypeDelete, ObjectGetOwnPropertyDescriptor, PromisePrototypeThen } =
  primordials;
const { setImmediate } = requireBuiltin("timers");
const {
  privateSymbols: { exit_info_private_symbol },
  constants: { kExitCode, kHasExitCode },
} = internalBinding("util");
const { kGenericUserError, kUnsettledTopLevelAwait } = internalBinding("errors")["exitCodes"];
/** Taken before programs are denied it. */
const setFlagsFromString: (flag: string) => void = internalBinding("v8")["setFlagsFromString"];

/** What a resident process stands on. */
export interface ResidentParts {
  env: GuestEnv;
  port: KernelPort;
  handles: ActiveHandles;
  end: ProcessEnd;
  process: NodeJS.Process;
}

/** A snippet that is under way. */
interface Snippet {
  code: string;
  url: string;
  /** It has settled. */
  done: boolean;
}

/**
 * Evaluates the snippets that the kernel sends, one after another, each as an ES module of its own. A
 * snippet is over when its top level is, and one more turn of the loop; what it has left running runs on.
 */
export class Resident {
  readonly #parts: ResidentParts;
  readonly #exitInfo: Int32Array;
  readonly #setExitCode: (code: number | undefined) => void;
  #urlOf: (filePath: string | null) => string = () => "";
  #toJavaScript: ToJavaScript = (code) => code;
  #current: Snippet | undefined;

  constructor(parts: ResidentParts) {
    const { process } = parts;
    this.#parts = parts;
    this.#exitInfo = (process as Internal)[exit_info_private_symbol];
    this.#setExitCode = ObjectGetOwnPropertyDescriptor(process, "exitCode").set;
  }

  /** The process lives from now on, until it is ended. */
  begin(urlOf: (filePath: string | null) => string, toJavaScript?: ToJavaScript): void {
    this.#urlOf = urlOf;
    if (toJavaScript !== undefined) this.#toJavaScript = toJavaScript;
    this.#parts.port.ref();
    this.#parts.end.onIdle(() => this.#starved());
  }

  /** Evaluates a snippet, outside of the frames and the context of the message that it came with. */
  receive(code: string, filePath: string | null): void {
    setImmediate(() => runMainScript(() => this.#evaluate(code, filePath)));
  }

  #evaluate(code: string, filePath: string | null): void {
    const { env, port } = this.#parts;
    const url = this.#urlOf(filePath);
    const snippet: Snippet = { code, url, done: false };
    this.#current = snippet;
    env.channel.post(SYS_SNIPPET_BEGIN, 0, 0);
    // One that waits for what nobody will do is not to wait for ever.
    port.unref();
    let evaluation: Promise<unknown>;
    try {
      snippet.code = this.#toJavaScript(code, filePath, url);
      const loader = requireBuiltin("internal/modules/esm/loader").getOrInitializeCascadedLoader();
      evaluation = loader.executeModuleJob(url, compile(loader, snippet.code, url), true);
      PromisePrototypeThen(
        evaluation,
        () => {
          MapPrototypeDelete(loader.loadCache, url);
          this.#settle(snippet, false, undefined);
        },
        (error: unknown) => {
          MapPrototypeDelete(loader.loadCache, url);
          this.#settle(snippet, true, error);
        },
      );
    } catch (error) {
      this.#settle(snippet, true, error);
    }
  }

  /** What the snippet has put off to the end of this turn is still its own. */
  #settle(snippet: Snippet, failed: boolean, error: unknown): void {
    if (snippet.done) return;
    snippet.done = true;
    this.#parts.port.ref();
    if (failed) writeStdioText(this.#parts.env, 2, uncaughtText(error));
    setImmediate(() => this.#finish(failed ? kGenericUserError : 0));
  }

  /** The loop has come to its end, and the snippet still waits. */
  #starved(): void {
    const snippet = this.#current;
    const { env, port, handles } = this.#parts;
    if (snippet === undefined || snippet.done || handles.names().length > 0) return;
    snippet.done = true;
    port.ref();
    warnOfPendingModule(env, snippet);
    this.#finish(kUnsettledTopLevelAwait);
  }

  #finish(failure: number): void {
    const info = this.#exitInfo;
    const own = info[kHasExitCode] === 1 ? (info[kExitCode] as number) : 0;
    this.#current = undefined;
    FunctionPrototypeCall(this.#setExitCode, this.#parts.process, undefined);
    this.#parts.env.channel.post(SYS_SNIPPET_END, failure !== 0 ? failure : own, 0);
  }
}

/**
 * V8 keeps what it has compiled to be quick with the same source again, which no snippet has: 100,000 of
 * them took 300 MB. The flag is the whole machine's, and set for as long as one takes to be compiled.
 */
function compile(loader: Internal, code: string, url: string): Internal {
  setFlagsFromString("--no-compilation-cache");
  try {
    return loader.createModuleWrap(code, url, { __proto__: null, isMain: true });
  } finally {
    setFlagsFromString("--compilation-cache");
  }
}
