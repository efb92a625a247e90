import type { MessagePort } from "node:worker_threads";
import type { GuestPermissions } from "../policy/compiled.js";
import type { CommandEntry } from "./entry/command.js";
import { internalBinding, primordials } from "./internals.js";
import type { OptionValue } from "./options.js";
import type { Dialect } from "./typescript/dialect.js";

/** What the kernel sends to a guest thread. */
export type KernelMessage = { t: string } & Record<string, unknown>;

/** What programs are told about the computer. */
export interface SystemFacts {
  cpus: number;
  cpuModel: string;
  /** In MHz. */
  cpuSpeed: number;
  /** In bytes. */
  totalMemory: number;
  release: string;
  version: string;
}

/** What all threads of a guest process are told. */
export interface Identity {
  pid: number;
  ppid: number;
  execPath: string;
  umask: number;
  uid: number;
  gid: number;
  hostname: string;
  system: Partial<SystemFacts>;
  memory: { limit: number };
  /** Whether the process has a terminal. */
  terminal?: boolean;
  bootTime: number;
  startTime: number;
  args: string[];
  execArgv: string[];
  env: Record<string, string>;
  permissions?: GuestPermissions | null;
  /** An authority to trust beside the usual ones, as PEM. */
  certificate?: string | undefined;
  /** Absent where the program is what plain Node takes. */
  dialect?: Dialect | null;
}

/** What is wrong with how a process was started. */
export interface Complaint {
  text: string;
  exitCode: number;
}

/** Makes a thread one of a process that is running. */
export interface ThreadStartMessage extends Identity {
  processPage: SharedArrayBuffer;
  thread: {
    id: number;
    port: MessagePort;
    execArgv: string[];
    options: Record<string, OptionValue>;
    exposeGc: boolean;
  };
}

/** Identity, surroundings and program of a guest process. */
export interface StartMessage extends Identity {
  cwd: string;
  entry:
    | { kind: "module"; code: string; filePath?: string | null }
    | { kind: "resident" }
    | { kind: "node"; options: Record<string, OptionValue>; exposeGc: boolean }
    | ({ kind: "command" } & CommandEntry)
    | ({ kind: "complaint" } & Complaint);
}

const { FunctionPrototypeCall, ObjectDefineProperty, ObjectPrototypeHasOwnProperty, SymbolFor } = primordials;

// Node gives the port's prototype an inheritance of its own while booting, with `ref` and `unref` taken
// over from the native class; a guest can replace those of the prototype later.
const { MessagePort: NativePort } = internalBinding("messaging");
const { postMessage, start, ref, unref } = NativePort.prototype;

const dispatch = SymbolFor("nodejs.internal.kHybridDispatch");

/**
 * Sends a port's messages to a function that lies on the port itself: the listeners of an EventTarget run
 * through prototypes that the guest can change. For the same reason the port gets an own property for
 * the one name that Node assigns on it for each message, so that no setter further up receives the port.
 */
export function interceptPort(port: object, deliver: (message: unknown, type: string) => void): void {
  ObjectDefineProperty(port, SymbolFor("nodejs.internal.kCurrentlyReceivingPorts"), {
    __proto__: null,
    value: undefined,
    writable: true,
  });
  ObjectDefineProperty(port, dispatch, { __proto__: null, value: deliver });
}

/** Whether a handle is such a port: it is none of the guest program's. */
export function isIntercepted(handle: object): boolean {
  return ObjectPrototypeHasOwnProperty(handle, dispatch);
}

/** This thread's end of the kernel's port. */
export class KernelPort {
  readonly #port: MessagePort;
  #references = 0;

  constructor(port: MessagePort, deliver: (message: KernelMessage) => void) {
    this.#port = port;
    interceptPort(port, (message, type) => {
      if (type === "message") deliver(message as KernelMessage);
    });
    FunctionPrototypeCall(start, port);
    FunctionPrototypeCall(unref, port);
  }

  post(message: unknown, transfer?: object[]): void {
    FunctionPrototypeCall(postMessage, this.#port, message, transfer);
  }

  /** Keeps the thread's event loop alive until `unref` has been called as often. */
  ref(): void {
    if (this.#references++ === 0) FunctionPrototypeCall(ref, this.#port);
  }

  unref(): void {
    if (--this.#references === 0) FunctionPrototypeCall(unref, this.#port);
  }
}
