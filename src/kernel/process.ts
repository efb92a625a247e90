import { constants } from "node:os";
import type { CallHandler } from "../syscall/channel.js";
import { MAX_OPEN_FILES } from "../syscall/process-page.js";
import type { GuestThread, ThreadNeeds } from "./guest-thread.js";
import { MemoryAccount, type Watched } from "./memory-watch.js";
import type { ProcessOptions } from "./node-options/worker.js";
import type { ProcessEnd, ProcessOwner, ProcessStart } from "./process-types.js";
import { boundedReport } from "./report.js";
import type { Session } from "./session.js";
import { effectOf, isCatchable, isForceful } from "./signals.js";
import { Children } from "./spawn/children.js";
import { Stop } from "./stop.js";
import { SystemCalls } from "./system-calls.js";
import { defective, outOfMemory, type Sentence, SOFTWARE, signalled } from "./termination.js";
import { type GroupOwner, ThreadGroup } from "./thread-group.js";

/** How long the kernel waits for a thread that is to die to leave the disk's lock, in milliseconds. */
const LOCK_PATIENCE = 10;

/** How often a thread's end is awaited once more because the computer is busy. */
const MAX_EXTENSIONS = 2;

const { SIGCONT, SIGSTOP } = constants.signals;

/** The user that guest programs run as. */
const USER = 1000;
const UMASK = 0o022;

/** When this machine started, as the epoch's milliseconds. */
const bootTime = performance.timeOrigin;

/** A guest process: its threads, its descriptors, its standard streams and its end. */
export class GuestProcess implements GroupOwner, Watched {
  readonly pid: number;
  /** Its main thread. */
  readonly thread: GuestThread;
  readonly group = new ThreadGroup(this);
  readonly account = new MemoryAccount();
  readonly #handlers = new Map<GuestThread, CallHandler>();
  readonly #watched = new Map<GuestThread, Watched>();
  #start: ProcessStart | null = null;
  /** Its soft memory limit, in bytes. */
  readonly memory: number;
  readonly session: Session;
  /** Its process group. */
  groupId: number;
  readonly #children: Children;
  readonly #calls: SystemCalls;
  readonly #owner: ProcessOwner;
  readonly #report = boundedReport();
  readonly #park = new Int32Array(new SharedArrayBuffer(4));
  /** Signals that its listeners were sent, and the last of them that was typed. */
  #sent = 0;
  #typed: { signal: number; number: number } | null = null;
  readonly #stop = new Stop();
  #sentence: Sentence | null = null;
  #stuckTimer: NodeJS.Timeout | undefined;
  /** The thread's end: V8's or Node's exit code. */
  #native: { code: number; error: unknown } | null = null;
  #finished = false;
  #startTime = 0;

  constructor(owner: ProcessOwner, pid: number, thread: GuestThread, memory: number, session: Session) {
    this.#owner = owner;
    this.pid = pid;
    this.groupId = pid;
    this.thread = thread;
    this.memory = memory;
    this.session = session;
    this.#children = new Children((request, child) => owner.spawn(this, request, child));
    session.add(this);
    thread.follower = {
      woken: () => this.resume(),
      ended: (code, error) => {
        this.#native = { code, error };
        this.group.close();
        this.resume();
      },
      asked: (message) => this.group.asked(thread, message),
    };
    this.#calls = new SystemCalls({
      ...{ process: this, owner, session, group: this.group, children: this.#children },
      failed: (reason) => {
        this.#report(Buffer.concat([reason, Buffer.from("\n")]));
        this.end(defective());
      },
    });
    this.#handlers.set(thread, this.#calls.of(thread));
  }

  start(start: ProcessStart): void {
    this.#start = start;
    this.thread.files.setLimit(start.openFiles);
    this.#startTime = Date.now();
    const { cwd, entry } = start;
    this.thread.send({ t: "start", ...this.identity, cwd, entry });
  }

  /** Sends a snippet to a resident process, which evaluates it when its loop comes to it. */
  evaluate(code: string, filePath: string | null): void {
    this.thread.send({ t: "snippet", code, filePath });
  }

  get options(): ProcessOptions {
    const { entry, execArgv, env } = this.#start as ProcessStart;
    // A program that isn't run as `node` has no options.
    if (entry.kind !== "node") return { args: [], env: {}, start: {}, exposeGc: false };
    return { args: execArgv, env, start: entry.options, exposeGc: entry.exposeGc };
  }

  /** What all its threads are told. */
  get identity(): object {
    const { ppid, execPath, hostname, system, permissions, args, execArgv, env, entry } = this
      .#start as ProcessStart;
    const { certificate } = this.#owner;
    return {
      pid: this.pid,
      ppid,
      execPath,
      hostname,
      system,
      permissions,
      certificate,
      umask: UMASK,
      uid: USER,
      gid: USER,
      memory: { limit: this.memory },
      terminal: this.session.terminal !== null,
      bootTime,
      startTime: this.#startTime,
      args,
      execArgv,
      env,
      dialect: "dialect" in entry ? entry.dialect : null,
    };
  }

  takeThread(needs: ThreadNeeds): GuestThread | null {
    return this.ending ? null : this.#owner.takeThread(this.memory, needs);
  }

  /** The number of the process that has started it. */
  get parent(): number {
    return this.#start?.ppid ?? 0;
  }

  joined(thread: GuestThread): void {
    if (this.#stop.stopped) thread.channel.hold();
    this.#handlers.set(thread, this.#calls.of(thread));
    thread.follower = {
      ready: () => this.group.ready(thread),
      woken: () => this.resume(),
      ended: (code, error) => this.group.ended(thread, code, error),
      asked: (message) => this.group.asked(thread, message),
    };
    const watched: Watched = {
      thread,
      memory: this.memory,
      account: this.account,
      exceeded: (responsive) => this.exceeded(responsive),
      look: () => this.#look(thread),
      resting: () => thread.send({ t: "rest" }),
    };
    this.#watched.set(thread, watched);
    this.#owner.watch(watched);
  }

  stalled(thread: GuestThread): boolean {
    this.#drain(thread);
    return thread.channel.stalled;
  }

  async left(thread: GuestThread): Promise<void> {
    const watched = this.#watched.get(thread);
    this.#watched.delete(thread);
    this.#handlers.delete(thread);
    this.#children.leave(thread);
    this.session.terminal?.leave(thread);
    if (watched !== undefined) this.#owner.unwatch(watched);
    await this.#owner.disk.release(thread.id);
    await this.#closeFiles((fd) => this.thread.files.isKeptBy(fd, thread.id));
    this.#owner.network.sweep();
  }

  emptied(): void {
    this.resume();
  }

  /** Whether a thread of the process has this id. */
  owns(id: number): boolean {
    for (const { id: own } of this.#handlers.keys()) if (own === id) return true;
    return false;
  }

  /** Whether its end has begun, from inside or outside. */
  get ending(): boolean {
    return this.#sentence !== null || this.#native !== null;
  }

  /** Takes what the threads have submitted, as far as there is room for their output. */
  resume(): void {
    for (const thread of this.#handlers.keys()) this.#drain(thread);
    this.session.output.flush();
    this.group.settle();
    if (this.#native !== null && !this.thread.channel.stalled && this.group.size === 0)
      this.#finish(this.#native);
  }

  #drain(thread: GuestThread): void {
    const { channel } = thread;
    channel.drain(this.#handlers.get(thread) as CallHandler);
    if (!channel.broken || this.ending) return;
    this.#report(Buffer.from(`secure-exec kernel: process ${this.pid} broke its channel\n`));
    this.end(defective());
  }

  /** See `MemoryWatch`: a guest can be interrupted between a record and its wake-up. */
  look(): void {
    this.#look(this.thread);
  }

  #look({ channel }: GuestThread): void {
    if (channel.pending && !channel.stalled) this.resume();
  }

  resting(): void {
    this.thread.send({ t: "rest" });
  }

  exceeded(responsive: boolean): void {
    this.end(outOfMemory(this.memory, responsive));
  }

  listensTo(signal: number): boolean {
    return isCatchable(signal) && this.thread.signals.has(signal);
  }

  /** Signals the process from outside: its listeners hear of it, or else it ends as the sentence says. */
  signal(signal: number, sentence: Sentence): void {
    if (this.ending) return;
    if (signal === SIGCONT) this.#goOn();
    if (this.#stop.stopped && !isForceful(signal)) this.#stop.keep(signal, sentence);
    else if (this.listensTo(signal)) {
      this.#sent++;
      this.thread.send({ t: "signal", signal });
    } else if (effectOf(signal) === "end") this.end(sentence);
    else if (effectOf(signal) === "stop") this.#halt(signal);
  }

  /** Its threads sleep at their next calls. */
  #halt(signal: number): void {
    if (signal !== SIGSTOP && this.session.isOrphaned(this.groupId)) return;
    if (!this.#stop.begin()) return;
    for (const { channel } of this.#handlers.keys()) channel.hold();
    this.#owner.clientOf(this)?.stopped?.(signal);
  }

  #goOn(): void {
    const kept = this.#stop.end();
    if (kept === null) return;
    for (const { channel } of this.#handlers.keys()) channel.release();
    this.#owner.clientOf(this)?.stopped?.(null);
    for (const { signal, sentence } of kept) this.signal(signal, sentence);
  }

  /** A signal from the keyboard; false where the program has ended but for formalities. */
  type(signal: number): boolean {
    if (this.ending || this.#calls.exitCode !== null) return false;
    this.signal(signal, signalled(signal, null));
    this.#typed = { signal, number: this.#sent };
    return true;
  }

  /** The keyboard's last signal while its program has not heard of it: what it starts now was meant as well. */
  get unheard(): number | null {
    const typed = this.#typed;
    return typed !== null && typed.number > this.thread.signals.heard ? typed.signal : null;
  }

  /** Ends the process from outside. The first sentence stands. */
  end(sentence: Sentence): void {
    if (this.#sentence !== null || (this.#native !== null && this.group.size === 0)) return;
    this.#sentence = sentence;
    this.group.close();
    this.stop(this.thread);
    this.#awaitEnd(sentence, MAX_EXTENSIONS);
  }

  /** Ends one thread: with its gate closed it makes no further call. */
  stop(thread: GuestThread): void {
    thread.channel.kill();
    this.#waitForLock(thread);
    thread.worker.terminate();
  }

  /**
   * A thread that is ended inside the disk's lock leaves a repair to do. With its gate closed, one that
   * doesn't have the lock now never will, and one that has it lets go of it within microseconds.
   */
  #waitForLock(thread: GuestThread): void {
    const start = performance.now();
    while (this.#owner.disk.holder === thread.id && performance.now() - start < LOCK_PATIENCE) {
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
      if (this.#native !== null && this.group.size === 0) return;
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

  /** The thread is gone and its channel is empty. */
  async #finish(native: { code: number; error: unknown }): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#stuckTimer);
    const end = this.#verdict(native);
    await this.#release();
    this.session.terminal?.leave(this.thread);
    this.#owner.ended(this, end);
    this.session.remove(this);
  }

  #verdict({ code, error }: { code: number; error: unknown }): ProcessEnd {
    const outOfHeap = (error as { code?: unknown } | null)?.code === "ERR_WORKER_OUT_OF_MEMORY";
    const sentence = this.#sentence ?? (outOfHeap ? outOfMemory(this.memory, true) : null);
    const { exitCode: said, value: returned } = this.#calls;
    if (sentence !== null && said === null) return { ...pick(sentence), value: null };
    if (error !== null) this.#explain(error);
    const exitCode = said ?? (this.thread.ready ? code & 255 : SOFTWARE);
    const value = exitCode === 0 ? (returned?.bytes() ?? null) : null;
    return { exitCode, signal: null, termination: null, value };
  }

  /** An error that the guest's own printing did not get to: its program still ends with the reason. */
  #explain(error: unknown): void {
    const stack = (error as { stack?: unknown } | null)?.stack;
    const text = (typeof stack === "string" ? stack : String(error)).slice(0, 8192);
    if (this.thread.ready) this.session.output.write(2, Buffer.from(`Uncaught:\n${text}\n`));
    else this.#report(Buffer.from(`secure-exec kernel: a guest did not boot: ${text}\n`));
  }

  /** Gives back what the process held of the disk. */
  async #release(): Promise<void> {
    await this.#owner.disk.release(this.thread.id);
    await this.#closeFiles(() => true);
  }

  async #closeFiles(which: (fd: number) => boolean): Promise<void> {
    const { files } = this.thread;
    const { disk } = this.#owner;
    // The table's own limit is the guest's to write.
    const limit = Math.min(this.#start?.openFiles ?? 0, MAX_OPEN_FILES);
    for (let fd = 0; fd < limit; fd++) {
      if (!which(fd)) continue;
      const file = files.free(fd);
      if (file >= 0) await disk.attempt(() => disk.root.close(file));
    }
  }
}

function pick({ exitCode, signal, termination }: Sentence): Omit<ProcessEnd, "value"> {
  return { exitCode, signal, termination };
}
