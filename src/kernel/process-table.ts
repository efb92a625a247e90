import type { GuestPermissions } from "../policy/compiled.js";
import { EAGAIN, EINVAL, EPERM, ESRCH } from "../syscall/errno.js";
import type { MachineLimits, SystemFacts } from "../wire/index.js";
import type { AuditLog } from "./audit-log.js";
import { DiskAccess } from "./disk-access.js";
import { type GuestImage, type GuestThread, noNeeds, type ThreadNeeds } from "./guest-thread.js";
import { MemoryWatch, type Watched } from "./memory-watch.js";
import { SharedFlags } from "./node-options/shared-flags.js";
import { readV8Flags } from "./node-options/v8-flags.js";
import type { Output } from "./output.js";
import { GuestProcess, type ProcessEnd, type ProcessOwner, type ProcessStart } from "./process.js";
import { effectOf } from "./signals.js";
import { SpareThread } from "./spare.js";
import { type Sentence, signalled } from "./termination.js";

/** Who asked for a process. */
export interface ProcessClient {
  ended(end: ProcessEnd): void;
  stuck(sentence: Sentence): void;
}

/** A process of the table. */
interface Entry {
  process: GuestProcess;
  client: ProcessClient;
  /** V8's flags that the machine has because of it. */
  sharedFlags: readonly string[];
}

const INIT = 1;
const LAST_PID = 4_194_304;

/** How long a call runs before the next spare thread starts to boot beside it, in milliseconds. */
const REFILL_AFTER = 50;

/** The guest processes of the machine, and what they share. */
export class ProcessTable implements ProcessOwner {
  readonly disk: DiskAccess;
  readonly spare: SpareThread;
  limits: MachineLimits = { memory: 0, processes: 0, threads: 0, openFiles: 0 };
  hostname = "";
  system: SystemFacts = {};
  permissions: GuestPermissions | null = null;
  audit: AuditLog | null = null;
  readonly #processes = new Map<number, Entry>();
  readonly #flags = new SharedFlags();
  readonly #watch: MemoryWatch;
  #lastPid = INIT;
  #refill: NodeJS.Timeout | undefined;

  constructor(image: GuestImage, keepSpare: boolean, onSpare: () => void, onRest: () => void) {
    this.disk = new DiskAccess(image.disk, (owner) => this.#endOwner(owner));
    this.#watch = new MemoryWatch(this.disk, onRest);
    this.spare = new SpareThread(image, keepSpare, onSpare);
  }

  /**
   * Starts a process; -EAGAIN where the limits or the system allow no more. Throws what Node says of values
   * of options that it can't take.
   */
  start(
    start: Omit<ProcessStart, "hostname" | "system" | "openFiles" | "permissions">,
    memory: number,
    output: Output,
    client: ProcessClient,
    needs = noNeeds,
  ): GuestProcess | number {
    const { processes, openFiles } = this.limits;
    if (this.#processes.size >= processes) return -EAGAIN;
    const thread = this.#take(memory, needs);
    if (thread === null) return -EAGAIN;
    const process = new GuestProcess(this, this.#pid(), thread, memory, output);
    this.#processes.set(process.pid, { process, client, sharedFlags: needs.sharedFlags });
    process.start({
      ...start,
      hostname: this.hostname,
      system: this.system,
      permissions: this.permissions,
      openFiles,
    });
    this.#watch.add(process);
    return process;
  }

  takeThread(memory: number, needs: ThreadNeeds): GuestThread | null {
    let threads = 0;
    for (const { process } of this.#processes.values()) threads += 1 + process.group.size;
    if (threads >= this.limits.threads) return null;
    clearTimeout(this.#refill);
    this.#refill = setTimeout(() => this.spare.refill(), REFILL_AFTER);
    return this.spare.take(memory, needs);
  }

  watch(watched: Watched): void {
    this.#watch.add(watched);
  }

  unwatch(watched: Watched): void {
    this.#watch.remove(watched);
  }

  /** The flags are there before the thread is, since some count while its global object is made. */
  #take(memory: number, needs: ThreadNeeds): GuestThread | null {
    let thread: GuestThread | null = null;
    this.#flags.acquire(needs.sharedFlags);
    try {
      thread = this.takeThread(memory, needs);
    } finally {
      if (thread === null) this.#flags.release(needs.sharedFlags);
    }
    return thread;
  }

  signal(from: GuestProcess, pid: number, signal: number): number {
    const effect = effectOf(signal);
    if (effect === "invalid") return -EINVAL;
    if (pid === INIT) return -EPERM;
    const target = this.#processes.get(pid === 0 ? from.pid : pid);
    if (target === undefined) return -ESRCH;
    if (effect === "refused" && !target.process.listensTo(signal)) return -EPERM;
    if (signal !== 0) target.process.signal(signal, signalled(signal, null));
    return 0;
  }

  setFlags(from: GuestProcess, flags: Uint8Array): number {
    const entry = this.#processes.get(from.pid);
    const wanted = readV8Flags(Buffer.from(flags).toString(), entry?.sharedFlags ?? []);
    if (entry === undefined || wanted === null) return -EINVAL;
    this.#flags.acquire(wanted);
    this.#flags.release(entry.sharedFlags);
    entry.sharedFlags = wanted;
    return 0;
  }

  ended(process: GuestProcess, end: ProcessEnd): void {
    const entry = this.#processes.get(process.pid);
    this.#processes.delete(process.pid);
    this.#watch.remove(process);
    if (entry !== undefined) this.#flags.release(entry.sharedFlags);
    entry?.client.ended(end);
    // The result leaves first: making a thread takes a millisecond of this one.
    setImmediate(() => this.spare.refill());
  }

  stuck(process: GuestProcess, sentence: Sentence): void {
    this.#processes.get(process.pid)?.client.stuck(sentence);
  }

  /** Ends whichever thread owns the disk's lock by this id. */
  #endOwner(owner: number): boolean {
    for (const { process } of this.#processes.values()) {
      if (!process.owns(owner)) continue;
      process.end(signalled(9, "killed"));
      return true;
    }
    return this.spare.dismissOwner(owner);
  }

  #pid(): number {
    do this.#lastPid = this.#lastPid >= LAST_PID ? INIT + 1 : this.#lastPid + 1;
    while (this.#processes.has(this.#lastPid));
    return this.#lastPid;
  }
}
