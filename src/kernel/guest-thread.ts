import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  type TransferListItem,
  Worker,
  type WorkerOptions,
} from "node:worker_threads";
import type { DiskMemory } from "../disk/disk.js";
import { createThreadPage, KernelChannel } from "../syscall/channel.js";
import { guestLoader } from "../syscall/guest-script.js";
import {
  createProcessPage,
  FdTable,
  HandledSignals,
  MAX_OPEN_FILES,
  STDERR_PIPE,
  STDOUT_PIPE,
} from "../syscall/process-page.js";
import type { SharedScript } from "./image-memory.js";
import { boundedReport } from "./report.js";

/** What every guest thread is made from. */
export interface GuestImage {
  /** The script of the guest's boot. Its cache may also be of an earlier thread. */
  boot: SharedScript;
  disk: DiskMemory;
}

/** Who follows a thread. */
export interface ThreadFollower {
  /** Its boot is done. */
  ready?(): void;
  /** Records wait in the channel. */
  woken?(): void;
  /** It has ended natively; what it left in the channel can be drained. */
  ended?(code: number, error: unknown): void;
  /** It asks for something that only a message can carry. */
  asked?(message: ThreadMessage): void;
}

/** What the boot of a guest thread asks for by messages. Guest code can send anything like it. */
export interface ThreadMessage {
  t: unknown;
  id?: unknown;
  port?: unknown;
  question?: unknown;
  what?: unknown;
}

/** Node's options of a guest's environment; V8's are the whole machine's. */
const nodeOptions = ["--expose-internals", "--no-addons", "--no-experimental-ffi", "--no-warnings"];

const KiB = 1024;
const MiB = 1024 * 1024;

/**
 * V8's own limit aborts the machine in many cases, so it stands well above the soft limits that the kernel
 * enforces; and above the size at which the host ends a machine, since a loop that V8 can't interrupt
 * would otherwise collect garbage at V8's limit for ever.
 */
const MIN_HEAP = 1280 * MiB;

/** The soft limits that a thread's heap is made for. */
export function fitsHeap(memory: number): boolean {
  return 2 * memory <= MIN_HEAP;
}

/** V8's limits of one thread, in MiB; what is left out is the default. */
export type HeapLimits = NonNullable<WorkerOptions["resourceLimits"]>;

/** What a thread is made for, beyond any other. */
export interface ThreadNeeds {
  /** Node's options of its environment. */
  options: readonly string[];
  /** Its stack in KiB; null for Node's own choice. */
  stackSize: number | null;
  /** The limits that were asked for; null for those of every other thread. */
  limits: HeapLimits | null;
  /** V8's flags that the whole machine has while the thread is there. */
  sharedFlags: readonly string[];
}

export const noNeeds: ThreadNeeds = { options: [], stackSize: null, limits: null, sharedFlags: [] };

/** Whether a thread like any other will do. */
export function isOrdinary({ options, stackSize, limits, sharedFlags }: ThreadNeeds): boolean {
  return options.length === 0 && stackSize === null && limits === null && sharedFlags.length === 0;
}

let lastId = 1;

/** One worker thread, in which a guest process or a thread of it runs, from its boot to its native end. */
export class GuestThread {
  /** Names the thread as an owner of the disk's lock. The kernel's own is 1. */
  readonly id = ++lastId;
  readonly channel: KernelChannel;
  /** The memory of a process of its own, which a thread of another process leaves unused. */
  readonly processPage: SharedArrayBuffer;
  readonly files: FdTable;
  readonly signals: HandledSignals;
  readonly worker: Worker;
  /** The soft limit that its heap was made for, in bytes. */
  readonly memory: number;
  follower: ThreadFollower = {};
  ready = false;
  readonly #image: GuestImage;
  readonly #port: MessagePort;
  /** Something was sent to it: from then on its messages may be a guest program's. */
  #started = false;
  #error: unknown = null;

  /** `memory` is the soft limit of the process to come, in bytes. */
  constructor(image: GuestImage, memory: number, { options, stackSize, limits } = noNeeds) {
    const threadPage = createThreadPage();
    const processPage = createProcessPage(MAX_OPEN_FILES);
    this.processPage = processPage;
    const { port1, port2 } = new MessageChannel();
    this.#image = image;
    this.memory = memory;
    this.channel = new KernelChannel(threadPage);
    this.files = new FdTable(processPage);
    this.signals = new HandledSignals(processPage);
    // Until the thread's process is known, since Node's library may look at them while it is a spare.
    for (let fd = 0; fd < 3; fd++) this.files.set(fd, fd === 2 ? STDERR_PIPE : STDOUT_PIPE);
    this.#port = port1;
    this.worker = new Worker(guestLoader, {
      eval: true,
      stdin: true,
      stdout: true,
      stderr: true,
      env: {},
      argv: [],
      execArgv: [...nodeOptions, ...options],
      trackUnmanagedFds: false,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.max(MIN_HEAP, 2 * memory) / MiB,
        ...(stackSize === null ? {} : { stackSizeMb: stackSize / KiB }),
        ...limits,
      },
      workerData: {
        disk: image.disk,
        threadPage,
        processPage,
        port: port2,
        owner: this.id,
        ...image.boot,
      },
      transferList: [port2],
    });
    port1.on("message", (message: unknown) => this.#receive(message));
    // What a guest sends may name what can't be made here; a message without meaning is no message.
    port1.on("messageerror", () => undefined);
    this.#follow();
  }

  /** Sends a message to the guest's boot; it may still be booting. */
  send(message: object, transfer: TransferListItem[] = []): void {
    this.#started = true;
    this.#port.postMessage(message, transfer);
  }

  #receive(message: unknown): void {
    if (message === 0) {
      this.follower.woken?.();
      return;
    }
    const { t, bytes } = (message ?? {}) as { t?: unknown; bytes?: unknown };
    if (!this.ready && t === "ready") {
      this.ready = true;
      this.follower.ready?.();
    } else if (this.#started) this.follower.asked?.((message ?? {}) as ThreadMessage);
    else if (t === "cache" && bytes instanceof Uint8Array) this.#image.boot.cache = sharedCopy(bytes);
  }

  #follow(): void {
    const { worker } = this;
    // Only native code writes here: a guest's own output goes through the channel.
    const say = boundedReport();
    worker.stdout.on("data", say);
    worker.stderr.on("data", say);
    worker.on("error", (error) => {
      this.#error = error;
    });
    worker.on("exit", (code) => {
      // The first word of a thread that was quick may be waiting behind its end.
      if (!this.ready) this.#receive(receiveMessageOnPort(this.#port)?.message);
      this.#port.close();
      this.follower.ended?.(code, this.#error);
    });
  }
}

/** Bytes in memory that threads see without a copy each. */
function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
