import { basename } from "node:path";
import type { CompiledPermissions, GuestPermissions } from "../policy/compiled.js";
import { decideProgram } from "../policy/names.js";
import { NetworkRules } from "../policy/network.js";
import { type ChildProcessOperation, operationBit, scopeNumber } from "../policy/operations.js";
import { EACCES, EAGAIN, EINVAL, EPERM, ESRCH } from "../syscall/errno.js";
import type { MachineLimits, SystemFacts } from "../wire/index.js";
import type { AuditLog } from "./audit-log.js";
import { DiskAccess } from "./disk-access.js";
import type { Outside } from "./egress/outside.js";
import type { GuestImage, GuestThread, ThreadNeeds } from "./guest-thread.js";
import type { SharedScript } from "./image-memory.js";
import { MemoryWatch, type Watched } from "./memory-watch.js";
import type { InetAddress } from "./net/address.js";
import { Network } from "./net/network.js";
import { complaintOf } from "./node-options/complaint.js";
import { INVALID_ARGUMENTS } from "./node-options/parse.js";
import { SharedFlags } from "./node-options/shared-flags.js";
import { readV8Flags } from "./node-options/v8-flags.js";
import { PassedFiles } from "./passed-files.js";
import { GuestProcess } from "./process.js";
import type { ProcessClient, ProcessEnd, ProcessOwner, ProcessStart } from "./process-types.js";
import type { Session } from "./session.js";
import { effectOf } from "./signals.js";
import { SpareThread } from "./spare.js";
import type { ChildClient } from "./spawn/children.js";
import { giveBack, giveDescriptors, takeDescriptors } from "./spawn/descriptors.js";
import { NODE_PATH } from "./spawn/executable.js";
import { complaint, type FoundProgram, findProgram, type Program } from "./spawn/program.js";
import type { Command, SpawnRequest } from "./spawn/request.js";
import { type Sentence, signalled } from "./termination.js";

/** A program to start, where and with which variables. */
export interface StartRequest {
  program: Program;
  /** The real path of what is run. */
  file: string;
  env: Record<string, string>;
  cwd: string;
}

/** A process of the table. */
interface Entry {
  process: GuestProcess;
  client: ProcessClient;
  /** The real path of its program. */
  file: string;
  /** V8's flags that the machine has because of it. */
  sharedFlags: readonly string[];
}

/** The path of the Node that a program runs on: its own, where it is a copy of Node. */
function nodeOf({ entry }: Program, file: string): string {
  return entry.kind === "node" ? file : NODE_PATH;
}

/** The user that guest programs run as. */
const userCredentials = { uid: 1000, gid: 1000, umask: 0o022, cwd: 1 };

const INIT = 1;
const LAST_PID = 4_194_304;

/** How long a call runs before the next spare thread starts to boot beside it, in milliseconds. */
const REFILL_AFTER = 50;

/** The guest processes of the machine, and what they share. */
export class ProcessTable implements ProcessOwner {
  readonly disk: DiskAccess;
  readonly network: Network;
  readonly spare: SpareThread;
  readonly passed: PassedFiles;
  limits: MachineLimits = { memory: 0, processes: 0, threads: 0, openFiles: 0 };
  hostname = "";
  system: SystemFacts = {};
  permissions: GuestPermissions | null = null;
  childProcess: CompiledPermissions["childProcess"] = "allow";
  networkRules = new NetworkRules("deny");
  audit: AuditLog | null = null;
  outside: Outside | null = null;
  certificate: string | undefined;
  readonly #processes = new Map<number, Entry>();
  readonly #flags = new SharedFlags();
  readonly #watch: MemoryWatch;
  #lastPid = INIT;
  #refill: NodeJS.Timeout | undefined;

  readonly #commands: SharedScript;

  constructor(
    image: GuestImage,
    commands: SharedScript,
    keepSpare: boolean,
    onSpare: () => void,
    onRest: () => void,
  ) {
    this.#commands = commands;
    this.disk = new DiskAccess(image.disk, (owner) => this.#endOwner(owner));
    this.network = new Network(this.disk);
    this.network.judge = (operation, target) => this.#permitsInside(operation, target);
    this.passed = new PassedFiles(this.disk);
    this.#watch = new MemoryWatch(this.disk, onRest);
    this.spare = new SpareThread(image, keepSpare, onSpare);
  }

  /**
   * Starts a process with what its table of descriptors is to hold, which is its own from then on. -EAGAIN
   * where the limits or the system allow no more. Throws what Node says of values of options that it can't take.
   */
  start(
    { program, file, env, cwd }: StartRequest,
    memory: number,
    session: Session,
    client: ProcessClient,
    files: readonly number[],
  ): GuestProcess | number {
    if (this.#processes.size >= this.limits.processes) return -EAGAIN;
    const { needs, ...rest } = program;
    const thread = this.#take(memory, needs);
    if (thread === null) return -EAGAIN;
    giveDescriptors(thread.files, files);
    const process = new GuestProcess(this, this.#pid(), thread, memory, session);
    const entry = { client, file, sharedFlags: needs.sharedFlags };
    const execPath = nodeOf(program, file);
    return this.#enter({ ppid: INIT, execPath, env, cwd, ...rest }, process, entry);
  }

  #enter(
    start: Omit<ProcessStart, "hostname" | "system" | "openFiles" | "permissions">,
    process: GuestProcess,
    entry: Omit<Entry, "process">,
  ): GuestProcess {
    this.#processes.set(process.pid, { process, ...entry });
    const { hostname, system, permissions } = this;
    process.start({ ...start, hostname, system, permissions, openFiles: this.limits.openFiles });
    this.#watch.add(process);
    return process;
  }

  /** The program that a command means to the guest's user; a negative errno where there is none. */
  async find(command: Command): Promise<FoundProgram | number> {
    const { disk } = this;
    const user = { ...userCredentials };
    const view = disk.open(user);
    const directory = await disk.attempt(() => view.resolveDirectory(command.cwd));
    if (directory < 0) return directory;
    user.cwd = directory;
    return await disk.attempt(() => findProgram(view, this.#commands, command));
  }

  async spawn(parent: GuestProcess, request: SpawnRequest, child: ChildClient): Promise<number> {
    const { disk } = this;
    const found = await this.find(request);
    if (typeof found === "number") return found;
    if (!found.files.every((path) => this.#permits("spawn", path))) return -EACCES;
    const values = await takeDescriptors(disk, parent.thread.files, request.stdio, this.limits.openFiles);
    if (typeof values === "number") return values;
    // From here on nothing waits, so that neither its parent ends nor others take its place meanwhile.
    const started = this.#startChild(parent, found, request, values, child);
    if (typeof started === "number") {
      await giveBack(disk, values);
      return started;
    }
    const { unheard } = parent;
    if (unheard !== null && started.groupId === parent.groupId) started.type(unheard);
    return started.pid;
  }

  #startChild(
    parent: GuestProcess,
    found: FoundProgram,
    { cwd, env, detached }: SpawnRequest,
    values: readonly number[],
    client: ChildClient,
  ): GuestProcess | number {
    if (parent.ending || this.#processes.size >= this.limits.processes) return -EAGAIN;
    const { program, thread } = this.#takeFor(found.program, parent.memory);
    if (thread === null) return -EAGAIN;
    giveDescriptors(thread.files, values);
    const process = new GuestProcess(this, this.#pid(), thread, parent.memory, parent.session);
    if (!detached) process.groupId = parent.groupId;
    const { needs, ...rest } = program;
    const file = found.files.at(-1) as string;
    const entry = { client, file, sharedFlags: needs.sharedFlags };
    const execPath = nodeOf(program, file);
    return this.#enter({ ppid: parent.pid, execPath, env, cwd, ...rest }, process, entry);
  }

  #permits(operation: ChildProcessOperation, path: string): boolean {
    const { allowed, rule } = decideProgram(this.childProcess, operation, basename(path), path);
    const what = scopeNumber("childProcess") * 256 + operationBit("childProcess", operation);
    if (!allowed) this.audit?.refused(what, rule ?? -1, Buffer.from(path));
    return allowed;
  }

  #permitsInside(operation: "listen" | "loopback", { family, address, port }: InetAddress): boolean {
    const { allowed, rule } = this.networkRules.decide(operation, { address, port });
    const what = scopeNumber("network") * 256 + operationBit("network", operation);
    const text = family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
    if (!allowed) this.audit?.refused(what, rule ?? -1, Buffer.from(text));
    return allowed;
  }

  /** The thread that a program needs; where V8 can't take its options, one that says so. */
  #takeFor(program: Program, memory: number): { program: Program; thread: GuestThread | null } {
    try {
      return { program, thread: this.#take(memory, program.needs) };
    } catch (error) {
      const text = complaintOf(error);
      if (text === null) throw error;
      const instead = complaint([text], INVALID_ARGUMENTS);
      return { program: instead, thread: this.#take(memory, instead.needs) };
    }
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
    const found = this.#targets(from, pid);
    if (found.length === 0) return -ESRCH;
    const targets = found.filter((target) => target === from || this.#permits("kill", this.#fileOf(target)));
    if (targets.length === 0) return -EACCES;
    if (signal !== 0) for (const target of targets) target.signal(signal, signalled(signal, null));
    return 0;
  }

  #fileOf({ pid }: GuestProcess): string {
    return this.#processes.get(pid)?.file ?? NODE_PATH;
  }

  /** One process by its number; 0 or a negative number are a process group, -1 is everybody else. */
  #targets(from: GuestProcess, pid: number): GuestProcess[] {
    if (pid > 0) {
      const entry = this.#processes.get(pid);
      return entry === undefined ? [] : [entry.process];
    }
    const group = pid === 0 ? from.groupId : -pid;
    const all = [...this.#processes.values()].map(({ process }) => process);
    return all.filter((process) => (pid === -1 ? process !== from : process.groupId === group));
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

  clientOf({ pid }: GuestProcess): ProcessClient | undefined {
    return this.#processes.get(pid)?.client;
  }

  ended(process: GuestProcess, end: ProcessEnd): void {
    const entry = this.#processes.get(process.pid);
    this.#processes.delete(process.pid);
    this.#watch.remove(process);
    if (entry !== undefined) this.#flags.release(entry.sharedFlags);
    entry?.client.ended(end);
    // Who waits for the process alone sees no pipe change.
    this.disk.root.tellWaiting();
    this.passed.sweep();
    if (this.network.inUse) this.network.sweep();
    // The result leaves first: making a thread takes a millisecond of this one.
    setImmediate(() => this.spare.refill());
  }

  stuck(process: GuestProcess, sentence: Sentence): void {
    process.session.stuck(sentence);
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
