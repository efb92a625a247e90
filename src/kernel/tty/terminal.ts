import { constants } from "node:os";
import { EAGAIN, EIO, ESRCH } from "../../syscall/errno.js";
import { REPLY_BYTES } from "../../syscall/thread-page.js";
import type { IncomingHandlers, TerminalSize } from "../../wire/index.js";
import type { GuestThread } from "../guest-thread.js";
import type { Output } from "../output.js";
import { LineDiscipline } from "./line-discipline.js";

const { SIGHUP, SIGTTIN, SIGWINCH } = constants.signals;

/** What was typed and nobody has read, at most; more stays with the host. */
const MAX_HELD = 64 * 1024;
/** What is typed at a time. */
const PIECE_BYTES = 4096;

/** Who uses the terminal. */
export interface TerminalUser {
  readonly groupId: number;
}

/** The process groups of the terminal's session. */
export interface TerminalGroups {
  has(group: number): boolean;
  /** Reaches the processes of a group, as the keyboard does; false where there is nobody any more. */
  signal(group: number, signal: number): boolean;
  /** Whether nobody could have the group go on again. */
  isOrphaned(group: number): boolean;
}

/** A piece that has come and not been typed yet. */
interface Typed {
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/** The terminal of a session: the host has its keyboard and its screen, the session's processes its other side. */
export class Terminal {
  /** Takes what the host types. */
  readonly incoming: IncomingHandlers;
  /** The process group that the keyboard's signals go to, and that may read. */
  foreground = 0;
  #size: TerminalSize;
  readonly #output: Output;
  readonly #groups: TerminalGroups;
  readonly #discipline: LineDiscipline;
  readonly #coming: Typed[] = [];
  #hungUp = false;
  /** A signal that came when the foreground had just ended: it is for whoever has the terminal next. */
  #missed: number | null = null;
  /** Who has switched to raw mode, which is over when it ends. */
  #rawUser: TerminalUser | null = null;
  /** Threads that sleep until there is something to read, by their call. */
  readonly #sleeping = new Map<GuestThread, number>();
  /** Threads that want to be told when there is. */
  readonly #listening = new Set<GuestThread>();

  constructor(size: TerminalSize, output: Output, groups: TerminalGroups) {
    this.#size = size;
    this.#output = output;
    this.#groups = groups;
    this.#discipline = new LineDiscipline({
      // What the host doesn't take in time of an echo is not worth waiting for.
      show: (bytes) => {
        this.#output.write(1, bytes);
      },
      signal: (number) => {
        if (!this.#groups.signal(this.foreground, number)) this.#missed = number;
      },
    });
    this.incoming = {
      data: (bytes, consumed) => {
        this.#coming.push({ bytes, consumed });
        this.#type();
      },
      end: () => this.#hangUp(),
    };
  }

  get size(): TerminalSize {
    return this.#size;
  }

  resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#groups.signal(this.foreground, SIGWINCH);
  }

  /** What a process writes; false when there is no room now. */
  write(bytes: Uint8Array): boolean {
    if (this.#output.full) return false;
    return this.#output.write(1, this.#discipline.output.process(bytes));
  }

  /** What there is to read, none of it at an end; -EAGAIN while there is nothing. */
  read(user: TerminalUser, most: number): Uint8Array | number {
    if (user.groupId !== this.foreground) {
      if (this.#groups.isOrphaned(user.groupId)) return -EIO;
      this.#groups.signal(user.groupId, SIGTTIN);
      return -EAGAIN;
    }
    const bytes = this.#discipline.read(Math.max(1, Math.min(most | 0, REPLY_BYTES)));
    if (bytes === null) return this.#hungUp ? new Uint8Array(0) : -EAGAIN;
    this.#type();
    return bytes;
  }

  /** Answers the thread's call when there is something to read: true when there is already. */
  sleep(thread: GuestThread, sequence: number): boolean {
    if (this.#isReady) return true;
    this.#sleeping.set(thread, sequence);
    return false;
  }

  /** Another call of the thread: the one that slept was given up. */
  abandon(thread: GuestThread): void {
    this.#sleeping.delete(thread);
  }

  /** Sends the thread a message when there is something to read. */
  listen(thread: GuestThread): void {
    this.#listening.add(thread);
    this.#tell();
  }

  /** Another process group is in the foreground from now on. 0, or a negative errno. */
  giveTo(group: number): number {
    if (!this.#groups.has(group)) return -ESRCH;
    this.foreground = group;
    const missed = this.#missed;
    this.#missed = null;
    if (missed !== null) this.#groups.signal(group, missed);
    this.#tell();
    return 0;
  }

  setRaw(user: TerminalUser, raw: boolean): void {
    this.#rawUser = raw ? user : null;
    this.#discipline.raw = raw;
  }

  /** A thread has ended. */
  leave(thread: GuestThread): void {
    this.#sleeping.delete(thread);
    this.#listening.delete(thread);
  }

  /** A process has ended. */
  left(user: TerminalUser): void {
    if (this.#rawUser === user) this.setRaw(user, false);
  }

  get #isReady(): boolean {
    return this.#discipline.readable || this.#hungUp;
  }

  #type(): void {
    while (this.#coming.length > 0 && this.#discipline.held < MAX_HELD) {
      const first = this.#coming[0] as Typed;
      const piece = first.bytes.subarray(0, PIECE_BYTES);
      first.bytes = first.bytes.subarray(piece.length);
      if (first.bytes.length === 0) this.#coming.shift();
      this.#discipline.type(piece);
      first.consumed(piece.length);
    }
    this.#output.flush();
    this.#tell();
  }

  #hangUp(): void {
    this.#hungUp = true;
    this.#groups.signal(this.foreground, SIGHUP);
    this.#tell();
  }

  #tell(): void {
    if (!this.#isReady) return;
    for (const [thread, sequence] of this.#sleeping) thread.channel.reply(sequence, 0);
    this.#sleeping.clear();
    for (const thread of this.#listening) thread.send({ t: "terminal" });
    this.#listening.clear();
  }
}
