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

const {
  ArrayPrototypePush,
  Float64Array: Doubles,
  FunctionPrototypeCall,
  ObjectKeys,
  ObjectSetPrototypeOf,
  String: toText,
  TypedArrayPrototypeGetBuffer,
  Uint8Array: Bytes,
} = primordials;
const { MessageChannel, MessagePort } = internalBinding("messaging");
const { postMessage } = MessagePort.prototype;
const nativeLimits: Float64Array = internalBinding("worker")["resourceLimits"];
const { errname } = internalBinding("uv");
const { newAsyncId, emitInit, emitBefore, emitAfter, emitDestroy } = requireBuiltin("internal/async_hooks");

/** What the handles of threads stand on. */
export interface WorkerParts {
  env: GuestEnv;
  cred: ProcessCredentials;
  port: KernelPort;
  clock: ProcessClock;
  environment: NodeJS.ProcessEnv;
  process: NodeJS.Process;
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
export function createChildren({ env, cred, port, clock, environment, process }: WorkerParts): Children {
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
    readonly #asked: Float64Array;
    readonly #asyncId: number = newAsyncId();
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
      this.#asked = new Doubles(limits);
      this.#birth = {
        name,
        env: copyOf(variables === null ? environment : (variables ?? {})),
        execArgv: copyOfList(execArgv ?? process.execArgv),
        limits: allLimits(limits),
        internal,
        trackFds,
        clock: clock.origin(),
      };
      FunctionPrototypeCall(postMessage, port1, this.#birth);
    }

    startThread(): void {
      const id = this.threadId;
      const limits = new Bytes(TypedArrayPrototypeGetBuffer(this.#asked));
      const status = channel.call(SYS_THREAD, id, 0, limits);
      if (status < 0) {
        const InitFailed = errorCodes["ERR_WORKER_INIT_FAILED"] as unknown as new (reason: string) => Error;
        const error = new InitFailed(errname(status));
        hideFrames(error, this.startThread);
        throw error;
      }
      port.post({ t: "thread", id, port: this.#childPort }, [this.#childPort]);
      running[id] = this;
      this.#running = true;
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

    hasRef(): boolean {
      return this.#running && this.#referenced;
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
      worker.unref();
      worker.#running = false;
      worker.messagePort = undefined;
      emitBefore(worker.#asyncId, 0, worker);
      try {
        worker.onexit?.(code as number, error as string | undefined, reason as string | undefined);
      } finally {
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
        if (worker !== undefined) ended(worker, message);
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

function copyOfList(list: readonly string[]): string[] {
  const copy: string[] = [];
  for (let i = 0; i < list.length; i++) ArrayPrototypePush(copy, list[i]);
  return copy;
}
