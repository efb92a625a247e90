import { constants } from "node:os";
import { LATER } from "../../syscall/channel.js";
import { E2BIG, EAGAIN, ECHILD, EINVAL } from "../../syscall/errno.js";
import { ByteCollector } from "../../wire/index.js";
import type { GuestThread } from "../guest-thread.js";
import type { ProcessEnd } from "../process-types.js";
import { MAX_REQUEST, parseRequest, type SpawnRequest } from "./request.js";

/** How a child ended. */
export type ChildEnd = Pick<ProcessEnd, "exitCode" | "signal">;

/** Of how many children that nobody has waited for the end is kept. */
const MAX_ZOMBIES = 1024;

/** What a parent is told of a child. */
export interface ChildClient {
  ended(end: ChildEnd): void;
  stopped(signal: number | null): void;
}

/** Starts a process, and tells what becomes of it. The pid, or a negative errno. */
export type Spawn = (request: SpawnRequest, child: ChildClient) => Promise<number>;

/** The children of a process: the requests for them, and how they ended. */
export class Children {
  readonly #spawn: Spawn;
  readonly #parts = new Map<GuestThread, ByteCollector>();
  /** Threads whose request is under way. Honest ones wait for its answer. */
  readonly #asking = new Set<GuestThread>();
  /** Those that somebody waits for: their status, or null while they run. */
  readonly #waited = new Map<number, number | null>();

  constructor(spawn: Spawn) {
    this.#spawn = spawn;
  }

  /** `SYS_SPAWN_PART` */
  part(thread: GuestThread, bytes: Uint8Array): void {
    let parts = this.#parts.get(thread);
    if (parts === undefined) {
      parts = new ByteCollector(MAX_REQUEST);
      this.#parts.set(thread, parts);
    }
    parts.push(bytes);
  }

  /** `SYS_SPAWN` */
  start(thread: GuestThread, id: number, bytes: Uint8Array, sequence: number): number | typeof LATER {
    this.part(thread, bytes);
    const collected = this.#parts.get(thread) as ByteCollector;
    this.#parts.delete(thread);
    if (collected.length >= MAX_REQUEST) return -E2BIG;
    if (this.#asking.has(thread)) return -EAGAIN;
    const request = parseRequest(collected.bytes());
    if (request === null) return -EINVAL;
    this.#asking.add(thread);
    this.#start(thread, id, request).then((pid) => {
      this.#asking.delete(thread);
      thread.channel.reply(sequence, pid);
    });
    return LATER;
  }

  async #start(thread: GuestThread, id: number, request: SpawnRequest): Promise<number> {
    let pid = 0;
    let early: ChildEnd | null = null;
    const ended = (end: ChildEnd): void => {
      if (id !== 0) thread.send({ t: "child", id, ...end });
      else if (pid > 0) this.#waited.set(pid, statusOf(end));
      else early = end;
    };
    const stopped = (signal: number | null): void => {
      if (id !== 0) thread.send({ t: "childStopped", id, signal });
    };
    pid = await this.#spawn(request, { ended, stopped });
    if (pid > 0 && id === 0) this.#await(pid, early === null ? null : statusOf(early));
    return pid;
  }

  #await(pid: number, status: number | null): void {
    const [oldest] = this.#waited.keys();
    if (oldest !== undefined && this.#waited.size >= MAX_ZOMBIES) this.#waited.delete(oldest);
    this.#waited.set(pid, status);
  }

  /** `SYS_WAIT` */
  wait(pid: number): number {
    const status = this.#waited.get(pid);
    if (status === undefined) return -ECHILD;
    if (status === null) return -EAGAIN;
    this.#waited.delete(pid);
    return status;
  }

  /** A thread has ended. */
  leave(thread: GuestThread): void {
    this.#parts.delete(thread);
  }
}

/** As `wait` has it: the signal below, the exit code above. */
function statusOf({ exitCode, signal }: ChildEnd): number {
  return signal === null ? exitCode << 8 : (constants.signals[signal as NodeJS.Signals] ?? 0);
}
