import { type CallHandler, STALL } from "../syscall/channel.js";
import { ENOSYS } from "../syscall/errno.js";
import {
  SYS_EXIT,
  SYS_FATAL,
  SYS_KILL,
  SYS_READ,
  SYS_STDIN_ACK,
  SYS_STDIN_START,
  SYS_STDIN_STOP,
  SYS_VALUE,
  SYS_WRITE,
} from "../syscall/numbers.js";
import { ByteCollector, type Termination } from "../wire/index.js";
import type { DiskAccess } from "./disk-access.js";
import type { GuestThread } from "./guest-thread.js";
import type { NodeCommand } from "./node-options/parse.js";
import type { Output } from "./output.js";
import { boundedReport } from "./report.js";
import { Stdin } from "./stdin.js";
import { defective, outOfMemory, type Sentence, SOFTWARE } from "./termination.js";

/** What a guest process is told as it starts. */
export interface ProcessStart {
  ppid: number;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  hostname: string;
  openFiles: number;
  execArgv: string[];
  entry:
    | { kind: "module"; code: string; filePath: string | null }
    | { kind: "node"; options: NodeCommand["start"]; exposeGc: boolean };
}

/** How a guest process ended. */
export interface ProcessEnd {
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
  /** JSON of what the program returned. */
  value: Uint8Array | null;
}

/** What a process asks of the kernel around it. */
export interface ProcessOwner {
  readonly disk: DiskAccess;
  /** A guest process signals another; 0 or a negative errno. */
  signal(from: GuestProcess, pid: number, signal: number): number;
  /** The process has ended, its output is with the host, and nothing of it is left. */
  ended(process: GuestProcess, end: ProcessEnd): void;
  /** The process is to end and doesn't. */
  stuck(process: GuestProcess, sentence: Sentence): void;
}

/** The most JSON that a program can return, in bytes. A byte more tells the host that it is too much. */
const MAX_VALUE = 16 * 1024 * 1024 + 1;

/** How long the kernel waits for a thread that is to die to leave the disk's lock, in milliseconds. */
const LOCK_PATIENCE = 10;

/** How often a thread's end is awaited once more because the computer is busy. */
const MAX_EXTENSIONS = 2;

/** The user that guest programs run as. */
const USER = 1000;
const UMASK = 0o022;

/** When this machine started, as the epoch's milliseconds. */
const bootTime = performance.timeOrigin;

/** A guest process: a thread, its descriptors, its standard streams and its end. */
export class GuestProcess {
  readonly pid: number;
  readonly thread: GuestThread;
  /** Its soft memory limit, in bytes. */
  readonly memory: number;
  readonly stdin: Stdin;
  readonly #owner: ProcessOwner;
  readonly #output: Output;
  readonly #report = boundedReport();
  readonly #park = new Int32Array(new SharedArrayBuffer(4));
  #value: ByteCollector | null = null;
  /** What the program said that it exits with. */
  #exitCode: number | null = null;
  #sentence: Sentence | null = null;
  #stuckTimer: NodeJS.Timeout | undefined;
  /** The thread's end: V8's or Node's exit code. */
  #native: { code: number; error: unknown } | null = null;
  #finished = false;

  constructor(owner: ProcessOwner, pid: number, thread: GuestThread, memory: number, output: Output) {
    this.#owner = owner;
    this.pid = pid;
    this.thread = thread;
    this.memory = memory;
    this.#output = output;
    this.stdin = new Stdin({
      reply: (sequence, bytes) => thread.channel.reply(sequence, bytes.length, bytes),
      send: (message) => thread.send(message, message.t === "data" ? [message.bytes.buffer] : []),
    });
    thread.follower = {
      woken: () => this.resume(),
      ended: (code, error) => {
        this.#native = { code, error };
        this.resume();
      },
    };
  }

  start({ openFiles, ...start }: ProcessStart): void {
    this.thread.files.setLimit(openFiles);
    this.thread.send({
      t: "start",
      pid: this.pid,
      ...start,
      umask: UMASK,
      uid: USER,
      gid: USER,
      memory: { limit: this.memory },
      bootTime,
    });
  }

  /** Whether its end has begun, from inside or outside. */
  get ending(): boolean {
    return this.#sentence !== null || this.#native !== null;
  }

  /** Takes what the thread has submitted, as far as there is room for its output. */
  resume(): void {
    const { channel } = this.thread;
    channel.drain(this.#handle);
    this.#output.flush();
    if (channel.broken && !this.ending) {
      this.#report(Buffer.from(`secure-exec kernel: process ${this.pid} broke its channel\n`));
      this.end(defective());
    }
    if (this.#native !== null && !channel.stalled) this.#finish(this.#native);
  }

  /** See `MemoryWatch`: a guest can be interrupted between a record and its wake-up. */
  look(): void {
    if (this.thread.channel.pending && !this.thread.channel.stalled) this.resume();
  }

  resting(): void {
    this.thread.send({ t: "rest" });
  }

  exceeded(responsive: boolean): void {
    this.end(outOfMemory(this.memory, responsive));
  }

  /** Ends the process from outside. The first sentence stands. */
  end(sentence: Sentence): void {
    if (this.ending) return;
    this.#sentence = sentence;
    this.thread.channel.kill();
    this.#waitForLock();
    this.thread.worker.terminate();
    this.#awaitEnd(sentence, MAX_EXTENSIONS);
  }

  /**
   * A thread that is ended inside the disk's lock leaves a repair to do. With its gate closed, one that
   * doesn't have the lock now never will, and one that has it lets go of it within microseconds.
   */
  #waitForLock(): void {
    const start = performance.now();
    while (this.#owner.disk.holder === this.thread.id && performance.now() - start < LOCK_PATIENCE) {
      Atomics.wait(this.#park, 0, 0, 1);
    }
  }

  /**
   * A thread that doesn't end is inside native code, which nothing interrupts. A machine that has hardly
   * run meanwhile tells of a busy computer instead: it gets more time, and the host's own clock bounds that.
   */
  #awaitEnd(sentence: Sentence, extensions: number): void {
    const start = performance.now();
    const used = process.cpuUsage();
    const look = (): void => {
      // Its end may just be about to be told.
      if (this.#native !== null) return;
      const { user, system } = process.cpuUsage(used);
      const starved = (user + system) / 1000 < (performance.now() - start) / 4;
      if (starved && extensions > 0) this.#awaitEnd(sentence, extensions - 1);
      else this.#giveUp(sentence);
    };
    this.#stuckTimer = setTimeout(() => setImmediate(look), sentence.patience);
  }

  #giveUp(sentence: Sentence): void {
    this.resume();
    this.#owner.stuck(this, sentence);
  }

  readonly #handle: CallHandler = (nr, a, b, bytes, sequence) => {
    // What follows an exit is of no program any more.
    if (this.#exitCode !== null) return 0;
    if (sequence !== 0 && nr !== SYS_READ) this.stdin.abandonRead();
    switch (nr) {
      case SYS_WRITE:
        if (a !== 1 && a !== 2) return 0;
        return this.#output.write(a, bytes) ? 0 : STALL;
      case SYS_READ:
        return this.stdin.read(sequence, b);
      case SYS_STDIN_START:
        this.stdin.start();
        return 0;
      case SYS_STDIN_STOP:
        this.stdin.stop();
        return 0;
      case SYS_STDIN_ACK:
        this.stdin.acknowledge(a);
        return 0;
      case SYS_VALUE:
        if (a === 1) this.#value = new ByteCollector(MAX_VALUE);
        this.#value?.push(bytes);
        return 0;
      case SYS_EXIT:
        this.#exitCode = a & 255;
        return 0;
      case SYS_KILL:
        return this.#owner.signal(this, a, b);
      case SYS_FATAL:
        this.#report(Buffer.concat([bytes, Buffer.from("\n")]));
        this.end(defective());
        return 0;
      default:
        return -ENOSYS;
    }
  };

  /** The thread is gone and its channel is empty. */
  async #finish(native: { code: number; error: unknown }): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#stuckTimer);
    const end = this.#verdict(native);
    await this.#release();
    await this.#output.end();
    this.#owner.ended(this, end);
  }

  #verdict({ code, error }: { code: number; error: unknown }): ProcessEnd {
    const outOfHeap = (error as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY";
    const sentence = this.#sentence ?? (outOfHeap ? outOfMemory(this.memory, true) : null);
    if (sentence !== null && this.#exitCode === null) return { ...pick(sentence), value: null };
    if (error !== null) this.#explain(error);
    const exitCode = this.#exitCode ?? (this.thread.ready ? code & 255 : SOFTWARE);
    const value = exitCode === 0 ? (this.#value?.bytes() ?? null) : null;
    return { exitCode, signal: null, termination: null, value };
  }

  /** An error that the guest's own printing did not get to: its program still ends with the reason. */
  #explain(error: unknown): void {
    const stack = (error as { stack?: unknown } | null)?.stack;
    const text = (typeof stack === "string" ? stack : String(error)).slice(0, 8192);
    if (this.thread.ready) this.#output.write(2, Buffer.from(`Uncaught:\n${text}\n`));
    else this.#report(Buffer.from(`secure-exec kernel: a guest did not boot: ${text}\n`));
  }

  /** Gives back what the process held of the disk. */
  async #release(): Promise<void> {
    const { thread } = this;
    const { disk } = this.#owner;
    disk.release(thread.id);
    const { limit } = thread.files;
    for (let fd = 0; fd < limit; fd++) {
      const file = thread.files.free(fd);
      if (file >= 0) await disk.attempt(() => disk.root.close(file));
    }
  }
}

function pick({ exitCode, signal, termination }: Sentence): Omit<ProcessEnd, "value"> {
  return { exitCode, signal, termination };
}
