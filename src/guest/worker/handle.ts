import { type GuestChannel, MAX_PAYLOAD } from "../../syscall/channel.js";
import { E2BIG, EINVAL } from "../../syscall/errno.js";
import { SYS_THREAD, SYS_THREAD_LOOP, SYS_THREAD_STOP } from "../../syscall/numbers.js";
import type { ProcessCredentials } from "../../syscall/process-page.js";
import { deny } from "../denied.js";
import type { GuestEnv } from "../env.js";
import {
  errorCodes,
  hideFrames,
  type Internal,
  internalBinding,
  primordials,
  requireBuiltin,
} from "../internals.js";
import type { KernelMessage, KernelPort } from "../kernel-port.js";
import type { ProcessClock } from "../process/clock.js";
import type { Birth } from "./birth.js";
import type { ThreadVariables } from "./variables.js";

const {
  ArrayPrototypePush,
  Float64Array: Doubles,
  FunctionPrototypeCall,
  JSONParse,
  JSONStringify,
  ObjectKeys,
  ObjectSetPrototypeOf,
  String: toText,
  TypedArrayPrototypeGetBuffer,
  Uint8Array: Bytes,
} = primordials;
const { MessageChannel, MessagePort } = internalBinding("messaging");
const { postMessage } = MessagePort.prototype;
const nativeLimits: Float64Array = internalBinding("worker")["resourceLimits"];
const utf8Slice: (bytes: Uint8Array, start: number, end: number) => string =
  internalBinding("buffer")["utf8Slice"];
const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];
const { errname } = internalBinding("uv");
const { setImmediate } = requireBuiltin("timers");
const { newAsyncId, emitInit, emitBefore, emitAfter, emitDestroy } = requireBuiltin("internal/async_hooks");

/** What the handles of threads stand on. */
export interface WorkerParts {
  env: GuestEnv;
  cred: ProcessCredentials;
  port: KernelPort;
  clock: ProcessClock;
  variables: ThreadVariables;
}

/** A question about a thread, as Node's own natives answer them: by a callback that is put there later. */
interface Taker {
  ondone?: (...answer: unknown[]) => void;
}

/** The threads that this thread has made. */
export interface Children {
  /** What the `worker` binding has in place of its `Worker`. */
  readonly Worker: Internal;
  receive(message: KernelMessage): void;
}

function copyOf(values: Record<string, unknown>): Record<string, string> {
  const copy: Record<string, string> = { __proto__: null as never };
  const names: string[] = ObjectKeys(values);
  for (let i = 0; i < names.length; i++) copy[names[i] as string] = toText(values[names[i] as string]);
  return copy;
}

/** The limits that were asked for, and those of every other thread beside them. */
function allLimits(asked: Float64Array): Float64Array {
  const limits: Float64Array = new Doubles(asked.length);
  for (let i = 0; i < asked.length; i++) {
    const limit = asked[i] as number;
    limits[i] = limit > 0 ? limit : (nativeLimits[i] as number);
  }
  return limits;
}

/**
 * Threads of the process are made by the kernel, which hands them the other end of a port of ours: a guest
 * has no native to make an environment with.
 */
export function createChildren({ env, cred, port, clock, variables: own }: WorkerParts): Children {
  const { channel } = env;
  const running: Record<string | number, Worker> = { __proto__: null as never };
  const questions: Record<string | number, Taker> = { __proto__: null as never };
  let lastQuestion = 0;

  class Worker {
    messagePort: Internal;
    onexit: ((code: number, error?: string, reason?: string) => void) | null | undefined;
    readonly threadId: number;
    readonly threadName: string;
    readonly #birth: Birth;
    readonly #childPort: Internal;
    readonly #wish: string;
    readonly #asyncId: number = newAsyncId();
    #started = false;
    #finished = false;
    #running = false;
    #referenced = true;

    // The first argument names the thread for an inspector.
    constructor(
      _url: unknown,
      variables: Record<string, string> | null | undefined,
      execArgv: string[] | undefined,
      limits: Float64Array,
      trackFds: boolean,
      internal: boolean,
      name: string,
    ) {
      emitInit(this.#asyncId, "WORKER", null, this);
      const { port1, port2 } = new MessageChannel();
      this.messagePort = port1;
      this.threadId = cred.nextThread();
      this.threadName = name;
      this.#childPort = port2;
      // Null stands for what this thread has itself.
      const ownEnv = variables === null || variables === undefined;
      this.#wish = JSONStringify({
        __proto__: null,
        execArgv: execArgv === undefined ? null : copyOfList(execArgv),
        env: ownEnv ? null : optionVariables(variables),
        isCopy: !ownEnv && variables["NODE_OPTIONS"] === own.all()["NODE_OPTIONS"],
        limits: listOf(limits),
      });
      this.#birth = {
        name,
        env: variables === undefined ? own.share() : copyOf(variables ?? own.all()),
        limits: allLimits(limits),
        internal,
        trackFds,
        clock: clock.origin(),
      };
      FunctionPrototypeCall(postMessage, port1, this.#birth);
    }

    startThread(): void {
      const id = this.threadId;
      const wish = encodeUtf8(this.#wish);
      const status = wish.length > MAX_PAYLOAD ? -E2BIG : channel.call(SYS_THREAD, id, 0, wish);
      if (status < 0) {
        const error = failure(status, channel);
        hideFrames(error, this.startThread);
        throw error;
      }
      port.post({ t: "thread", id, port: this.#childPort }, [this.#childPort]);
      running[id] = this;
      this.#running = true;
      this.#started = true;
      if (this.#referenced) port.ref();
    }

    stopThread(): void {
      if (this.#running) channel.post(SYS_THREAD_STOP, this.threadId, 0);
    }

    ref(): void {
      if (this.#running && !this.#referenced) port.ref();
      this.#referenced = true;
    }

    unref(): void {
      if (this.#running && this.#referenced) port.unref();
      this.#referenced = false;
    }

    /** Undefined after the end, as of the native. */
    hasRef(): boolean | undefined {
      return this.#finished ? undefined : this.#started && this.#referenced;
    }

    getResourceLimits(): Float64Array {
      return this.#birth.limits;
    }

    getAsyncId(): number {
      return this.#asyncId;
    }

    getHeapStatistics(): Taker {
      return this.#ask("heap");
    }

    cpuUsage(): Taker {
      return this.#ask("cpu");
    }

    /** In this thread's own time, which is what Node compares it with. */
    loopStartTime(): number {
      const run = this.#loop(0);
      return run > 0 ? clock.now() - run : -1;
    }

    loopIdleTime(): number {
      return this.#loop(1);
    }

    /** How long the thread's loop has run (0) and was idle (1). */
    #loop(which: number): number {
      if (channel.call(SYS_THREAD_LOOP, this.threadId, 0) < 0) return 0;
      const times = new Bytes(Doubles.BYTES_PER_ELEMENT * 2);
      for (let i = 0; i < times.length; i++) times[i] = channel.reply[i];
      return new Doubles(TypedArrayPrototypeGetBuffer(times))[which];
    }

    #ask(what: string): Taker {
      const taker: Taker = {};
      const question = ++lastQuestion;
      questions[question] = taker;
      port.post({ t: "ask", id: this.threadId, question, what });
      return taker;
    }

    static ended(worker: Worker, { code, error, reason }: KernelMessage): void {
      if (worker.#referenced) port.unref();
      worker.#running = false;
      worker.messagePort = undefined;
      emitBefore(worker.#asyncId, 0, worker);
      try {
        worker.onexit?.(code as number, error as string | undefined, reason as string | undefined);
      } finally {
        worker.#finished = true;
        emitAfter(worker.#asyncId);
        emitDestroy(worker.#asyncId);
      }
    }
  }
  const prototype: Internal = Worker.prototype;
  for (const name of [
    "takeHeapSnapshot",
    "startCpuProfile",
    "stopCpuProfile",
    "startHeapProfile",
    "stopHeapProfile",
  ])
    prototype[name] = deny(`worker.${name}`);
  const { ended } = Worker;

  return {
    Worker,
    receive(message) {
      const { t, id, question, value } = message;
      if (t === "threadEnd") {
        const worker = running[id as number];
        delete running[id as number];
        // What the thread has sent before may wait in its ports, behind this message of another's.
        if (worker !== undefined) setImmediate(() => ended(worker, message));
      } else if (t === "answer") {
        const taker = questions[question as number];
        delete questions[question as number];
        if (taker !== undefined) answer(taker, value as Internal);
      }
    },
  };
}

/** As the natives hand it over: usage of the processor comes behind an error that there is none of. */
function answer(taker: Taker, value: Internal): void {
  if (value.used_heap_size === undefined) taker.ondone?.(null, value);
  else taker.ondone?.(ObjectSetPrototypeOf(value, null));
}

/** Variables that stand for options of Node. */
const variableNames = [
  ...["NODE_OPTIONS", "NODE_PENDING_DEPRECATION", "NODE_PRESERVE_SYMLINKS", "NODE_PRESERVE_SYMLINKS_MAIN"],
  ...["NODE_REDIRECT_WARNINGS", "NODE_USE_ENV_PROXY"],
];

function optionVariables(variables: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = { __proto__: null as never };
  for (let i = 0; i < variableNames.length; i++) {
    const name = variableNames[i] as string;
    if (variables[name] !== undefined) found[name] = variables[name];
  }
  return found;
}

/** Why a thread could not be made, in Node's words. */
function failure(status: number, channel: GuestChannel): Error {
  if (status === -EINVAL && channel.replyLength > 0) {
    const { complaints, inEnvironment } = JSONParse(utf8Slice(channel.reply, 0, channel.replyLength));
    const Invalid = errorCodes["ERR_WORKER_INVALID_EXEC_ARGV"] as unknown as new (
      complaints: string[],
      what?: string,
    ) => Error;
    return new Invalid(complaints, inEnvironment ? "invalid NODE_OPTIONS env variable" : undefined);
  }
  const InitFailed = errorCodes["ERR_WORKER_INIT_FAILED"] as unknown as new (reason: string) => Error;
  return new InitFailed(errname(status));
}

function listOf(values: Float64Array): number[] {
  const list: number[] = [];
  for (let i = 0; i < values.length; i++) ArrayPrototypePush(list, values[i]);
  return list;
}

function copyOfList(list: readonly string[]): string[] {
  const copy: string[] = [];
  for (let i = 0; i < list.length; i++) ArrayPrototypePush(copy, list[i]);
  return copy;
}
