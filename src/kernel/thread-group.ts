import { MessagePort } from "node:worker_threads";
import { EAGAIN, EINVAL, ESRCH } from "../syscall/errno.js";
import type { GuestThread, ThreadMessage, ThreadNeeds } from "./guest-thread.js";
import { complaintOf } from "./node-options/complaint.js";
import { type BadCommand, INVALID_ARGUMENTS } from "./node-options/parse.js";
import { type ProcessOptions, type WorkerOptions, workerOptions } from "./node-options/worker.js";
import { readWish, type ThreadWish } from "./thread-wish.js";

/** What a group asks of its process. */
export interface GroupOwner {
  /** A thread, booted or still booting; null where the limits or the system allow no more. */
  takeThread(needs: ThreadNeeds): GuestThread | null;
  /** Follows a new thread's channel. */
  joined(thread: GuestThread): void;
  /** What a thread left in its channel can't be taken now: `settle` is called again when it can. */
  stalled(thread: GuestThread): boolean;
  /** Ends a thread. */
  stop(thread: GuestThread): void;
  /** The thread has ended and what it held is to be given back. */
  left(thread: GuestThread): Promise<void>;
  /** No thread is left in the group. */
  emptied(): void;
  readonly options: ProcessOptions;
  /** What a thread of the group is told first, beside its number and its port. */
  readonly identity: object;
  /** The process's main thread. */
  readonly thread: GuestThread;
}

/** A thread that a thread of the process has made. */
interface Member {
  /** The guest's own number of it. */
  readonly id: number;
  readonly thread: GuestThread;
  readonly parent: GuestThread;
  readonly options: WorkerOptions;
  /** When it began, and how long its loop had been idle before, as a spare's: both in ms. */
  begun: Beginning | null;
  connected: boolean;
  native: { code: number; error: unknown } | null;
  leaving: boolean;
}

interface Beginning {
  at: number;
  idle: number;
}

/** Error codes of Node that V8 or the system end a thread with, which its parent is told. */
const outOfMemory = "ERR_WORKER_OUT_OF_MEMORY";

/**
 * The threads of a process beside its main one. Each is a child of the thread that made it, ends with it at
 * the latest, and before it.
 */
export class ThreadGroup {
  readonly #owner: GroupOwner;
  readonly #members = new Map<GuestThread, Member>();
  #closed = false;

  constructor(owner: GroupOwner) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#members.size;
  }

  get threads(): Iterable<GuestThread> {
    return this.#members.keys();
  }

  /** `SYS_THREAD`: makes a thread; 0, a negative errno, or what Node has to say of its options. */
  start(parent: GuestThread, id: number, bytes: Uint8Array): number | BadCommand {
    if (this.#closed) return -EAGAIN;
    const wish = readWish(bytes);
    if (!Number.isSafeInteger(id) || this.#child(parent, id) !== undefined || wish === null) return -EINVAL;
    const ofProcess = this.#owner.options;
    const options = workerOptions(wish, this.#members.get(parent)?.options.source ?? ofProcess, ofProcess);
    if ("complaints" in options) return options;
    const thread = this.#take(wish, options);
    if (thread === null || "complaints" in thread) return thread ?? -EAGAIN;
    const member: Member = {
      ...{ id, thread, parent, options, begun: null },
      ...{ connected: false, native: null, leaving: false },
    };
    this.#members.set(thread, member);
    this.#owner.joined(thread);
    return 0;
  }

  #take({ limits }: ThreadWish, { options, stackSize }: WorkerOptions): GuestThread | BadCommand | null {
    try {
      return this.#owner.takeThread({ options, stackSize, limits, sharedFlags: [] });
    } catch (error) {
      const complaint = complaintOf(error);
      if (complaint === null) throw error;
      return { complaints: [complaint], exitCode: INVALID_ARGUMENTS, inEnvironment: false };
    }
  }

  /** The thread's boot is done; its loop runs from now on. */
  ready(thread: GuestThread): void {
    const member = this.#members.get(thread);
    if (member !== undefined) member.begun = begin(thread);
  }

  /** The thread's native end. */
  ended(thread: GuestThread, code: number, error: unknown): void {
    const member = this.#members.get(thread);
    if (member === undefined) return;
    member.native = { code, error };
    this.settle();
  }

  /** The main thread has ended, or the process is to end. */
  close(): void {
    this.#closed = true;
    for (const { thread } of this.#members.values()) this.#owner.stop(thread);
  }

  /** `SYS_THREAD_STOP` */
  stop(parent: GuestThread, id: number): void {
    const member = this.#child(parent, id);
    if (member !== undefined) this.#owner.stop(member.thread);
  }

  /** `SYS_THREAD_LOOP`: two doubles, or a negative errno. */
  loop(parent: GuestThread, id: number): Uint8Array | number {
    const member = this.#child(parent, id);
    if (member === undefined) return -ESRCH;
    const { at, idle } = member.begun ?? { at: performance.now(), idle: 0 };
    const times = [performance.now() - at, idleTime(member.thread) - idle];
    return new Uint8Array(new Float64Array(times).buffer);
  }

  /** A message of a thread's boot, or of whoever speaks in its name. */
  asked(parent: GuestThread, { t, id, port, question, what }: ThreadMessage): void {
    if (t !== "thread" && t !== "ask") return;
    const member = this.#child(parent, id);
    if (member === undefined) return;
    if (t === "thread") this.#connect(member, port);
    else this.#answer(member, question, what);
  }

  #connect(member: Member, port: unknown): void {
    if (!(port instanceof MessagePort) || member.connected) return;
    member.connected = true;
    const { thread, id, options } = member;
    member.begun = begin(thread);
    const { identity, thread: main } = this.#owner;
    const { processPage } = main;
    thread.send({ t: "start", ...identity, processPage, thread: { id, port, ...options.start } }, [port]);
  }

  async #answer({ thread, parent }: Member, question: unknown, what: unknown): Promise<void> {
    const { worker } = thread;
    try {
      const value = await (what === "cpu" ? worker.cpuUsage() : worker.getHeapStatistics());
      parent.send({ t: "answer", question, value });
    } catch {
      // It ends: its parent is about to be told.
    }
  }

  /** Has every thread that has ended leave whose own threads are gone and whose channel is empty. */
  settle(): void {
    for (const member of this.#members.values()) {
      const { thread, native } = member;
      if (native === null || member.leaving) continue;
      for (const other of this.#members.values()) if (other.parent === thread) this.#owner.stop(other.thread);
      if (this.#hasChildren(thread) || this.#owner.stalled(thread)) continue;
      member.leaving = true;
      this.#leave(member, native);
    }
  }

  async #leave(
    { id, thread, parent }: Member,
    { code, error }: { code: number; error: unknown },
  ): Promise<void> {
    await this.#owner.left(thread);
    this.#members.delete(thread);
    parent.send({ t: "threadEnd", id, code, ...reason(error) });
    this.settle();
    if (this.#members.size === 0) this.#owner.emptied();
  }

  #hasChildren(thread: GuestThread): boolean {
    for (const { parent } of this.#members.values()) if (parent === thread) return true;
    return false;
  }

  #child(parent: GuestThread, id: unknown): Member | undefined {
    for (const member of this.#members.values())
      if (member.id === id && member.parent === parent) return member;
    return undefined;
  }
}

function begin(thread: GuestThread): Beginning {
  return { at: performance.now(), idle: idleTime(thread) };
}

/** The rest of what Node tells of a loop's use stands on moments that the thread itself can change. */
function idleTime(thread: GuestThread): number {
  return thread.worker.performance.eventLoopUtilization().idle;
}

/** Why a thread ended that neither its own code nor its parent has ended. */
function reason(error: unknown): { error?: string; reason?: string } {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code !== outOfMemory) return {};
  return { error: outOfMemory, reason: String(message).split(": ").slice(1).join(": ") };
}
