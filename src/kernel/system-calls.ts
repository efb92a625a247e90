import { type CallHandler, LATER, STALL } from "../syscall/channel.js";
import { EINVAL, ENOSYS } from "../syscall/errno.js";
import {
  SYS_AUDIT,
  SYS_BRING,
  SYS_EXIT,
  SYS_FATAL,
  SYS_KILL,
  SYS_PASS,
  SYS_REFUSAL,
  SYS_RESOLVE,
  SYS_SNIPPET_BEGIN,
  SYS_SNIPPET_END,
  SYS_SPAWN,
  SYS_SPAWN_PART,
  SYS_TAKE,
  SYS_THREAD,
  SYS_THREAD_LOOP,
  SYS_THREAD_STOP,
  SYS_V8_FLAGS,
  SYS_VALUE,
  SYS_WAIT,
  SYS_WRITE,
} from "../syscall/numbers.js";
import { ByteCollector, questionKinds } from "../wire/index.js";
import type { GuestThread } from "./guest-thread.js";
import { NetworkCalls } from "./net/calls.js";
import type { GuestProcess } from "./process.js";
import type { ProcessOwner } from "./process-types.js";
import type { Session } from "./session.js";
import type { Children } from "./spawn/children.js";
import type { ThreadGroup } from "./thread-group.js";
import { terminalCall } from "./tty/terminal-calls.js";

/** What calls are about. */
export interface CallParts {
  process: GuestProcess;
  owner: ProcessOwner;
  group: ThreadGroup;
  children: Children;
  session: Session;
  /** The guest's own machinery gave up. */
  failed(reason: Uint8Array): void;
}

/** The most JSON that a program can return, in bytes. A byte more tells the host that it is too much. */
const MAX_VALUE = 16 * 1024 * 1024 + 1;

/** Families of addresses; 0 for all. */
const families = [0, 4, 6] as const;

/** Calls of a main thread alone. */
const mainOnly: ReadonlySet<number> = new Set([SYS_VALUE, SYS_EXIT, SYS_SNIPPET_BEGIN, SYS_SNIPPET_END]);

/** Does what the threads of a process ask for. */
export class SystemCalls {
  readonly #parts: CallParts;
  readonly #network: NetworkCalls;
  /** What the program said that it exits with. */
  exitCode: number | null = null;
  /** What it returned, so far. */
  value: ByteCollector | null = null;

  constructor(parts: CallParts) {
    this.#parts = parts;
    const { process, owner } = parts;
    this.#network = new NetworkCalls(owner.network, { pid: process.pid, files: process.thread.files });
  }

  /** What handles the calls of one thread. */
  of(thread: GuestThread): CallHandler {
    const { channel } = thread;
    const { process, owner, session, group, children } = this.#parts;
    return (nr, a, b, bytes, sequence) => {
      // What follows an exit is of no program any more.
      if (this.exitCode !== null) return 0;
      const ofTerminal = terminalCall(session.terminal, process, thread, nr, a, sequence);
      if (ofTerminal !== undefined) return ofTerminal;
      switch (nr) {
        case SYS_SPAWN_PART:
          children.part(thread, bytes);
          return 0;
        case SYS_SPAWN:
          return children.start(thread, a, bytes, sequence);
        case SYS_WAIT:
          return children.wait(a);
        case SYS_BRING:
          owner.disk
            .bring(a, b, Buffer.from(bytes).toString())
            .then((result) => channel.reply(sequence, result));
          return LATER;
        case SYS_PASS:
          owner.passed.pass(process.thread.files, a, b).then((result) => channel.reply(sequence, result));
          return LATER;
        case SYS_TAKE:
          owner.passed.take(process.thread.files, a).then((result) => channel.reply(sequence, result));
          return LATER;
        case SYS_REFUSAL: {
          const reason = Buffer.from(this.#parts.owner.outside?.refusal(Buffer.from(bytes).toString()) ?? "");
          channel.reply(sequence, reason.length, reason);
          return LATER;
        }
        case SYS_RESOLVE:
          this.#resolve(thread, a, b, bytes);
          return 0;
        case SYS_THREAD:
          return this.#startThread(thread, a, bytes, sequence);
        case SYS_THREAD_STOP:
          group.stop(thread, a);
          return 0;
        case SYS_THREAD_LOOP: {
          const loop = group.loop(thread, a);
          if (typeof loop === "number") return loop;
          channel.reply(sequence, loop.length, loop);
          return LATER;
        }
        default:
          return this.#network.handle(thread, nr, a, b, bytes, sequence) ?? this.#do(nr, a, b, bytes, thread);
      }
    };
  }

  #startThread(parent: GuestThread, id: number, bytes: Uint8Array, sequence: number): number | typeof LATER {
    const started = this.#parts.group.start(parent, id, bytes);
    if (typeof started === "number") return started;
    const { complaints, inEnvironment } = started;
    const reply = Buffer.from(JSON.stringify({ complaints, inEnvironment }));
    parent.channel.reply(sequence, -EINVAL, reply);
    return LATER;
  }

  #resolve(thread: GuestThread, id: number, what: number, bytes: Uint8Array): void {
    const kind = questionKinds[Math.floor(what / 16)];
    const family = families.find((one) => one === what % 16);
    const name = Buffer.from(bytes).toString("latin1");
    if (kind === undefined || family === undefined) return;
    const { outside } = this.#parts.owner;
    outside?.ask(kind, name, family, (answer) => thread.send({ t: "resolved", id, ...answer }));
  }

  /** Calls that it makes no difference to which thread has made them, or that the main thread alone makes. */
  #do(nr: number, a: number, b: number, bytes: Uint8Array, thread: GuestThread): number | typeof STALL {
    const { process, owner, group, session, failed } = this.#parts;
    if (thread !== process.thread && mainOnly.has(nr)) return -ENOSYS;
    switch (nr) {
      case SYS_WRITE:
        if (a === 0 && session.terminal !== null) return session.terminal.write(bytes) ? 0 : STALL;
        if (a !== 1 && a !== 2) return 0;
        return session.output.write(a, bytes) ? 0 : STALL;
      case SYS_VALUE:
        if (a === 1) this.value = new ByteCollector(MAX_VALUE);
        this.value?.push(bytes);
        return 0;
      case SYS_SNIPPET_BEGIN:
        this.value = null;
        return owner.clientOf(process)?.snippetBegun?.() === false ? STALL : 0;
      case SYS_SNIPPET_END: {
        const value = this.value?.bytes() ?? null;
        this.value = null;
        owner.clientOf(process)?.snippetEnded?.(a & 255, value);
        return 0;
      }
      case SYS_EXIT:
        this.exitCode = a & 255;
        group.close();
        return 0;
      case SYS_KILL:
        return owner.signal(process, a, b);
      case SYS_V8_FLAGS:
        return owner.setFlags(process, bytes);
      case SYS_AUDIT:
        owner.audit?.refused(a, b, bytes);
        return 0;
      case SYS_FATAL:
        failed(bytes);
        return 0;
      default:
        return -ENOSYS;
    }
  }
}
