import type { GuestChannel } from "../syscall/channel.js";
import { EAGAIN, ERESTARTSYS } from "../syscall/errno.js";
import {
  SYS_TTY_FOREGROUND,
  SYS_TTY_LISTEN,
  SYS_TTY_MODE,
  SYS_TTY_READ,
  SYS_TTY_SIZE,
  SYS_TTY_WAIT,
} from "../syscall/numbers.js";
import { MAX_PAYLOAD } from "../syscall/thread-page.js";
import { primordials } from "./internals.js";

const {
  ArrayPrototypePush,
  MathMin,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  Uint8Array: ByteView,
} = primordials;

/** The session's terminal, as a thread asks the kernel for it. */
export class GuestTerminal {
  readonly #channel: GuestChannel;
  #waiting: (() => void)[] = [];

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Reads what there is: 0 at an end of file, -ERESTARTSYS while there is nothing, or another negative errno. */
  read(bytes: Uint8Array, offset: number, length: number): number {
    if (length === 0) return 0;
    const channel = this.#channel;
    const answer = channel.call(SYS_TTY_READ, MathMin(length, MAX_PAYLOAD), 0);
    if (answer <= 0) return answer === -EAGAIN ? -ERESTARTSYS : answer;
    const count: number = MathMin(answer, channel.replyLength, length);
    const { reply } = channel;
    const start: number = TypedArrayPrototypeGetByteOffset(reply);
    TypedArrayPrototypeSet(bytes, new ByteView(TypedArrayPrototypeGetBuffer(reply), start, count), offset);
    return count;
  }

  /** Stops the thread until there is something to read. */
  wait(): void {
    this.#channel.call(SYS_TTY_WAIT, 0, 0);
  }

  /** Calls back, once, when there is something to read. */
  waitLater(readable: () => void): void {
    if (this.#waiting.length === 0) this.#channel.post(SYS_TTY_LISTEN, 0, 0);
    ArrayPrototypePush(this.#waiting, readable);
  }

  /** There is something to read. */
  receive(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i]?.();
  }

  /** Columns and rows, or a negative errno. */
  size(): readonly [number, number] | number {
    const answer = this.#channel.call(SYS_TTY_SIZE, 0, 0);
    return answer < 0 ? answer : [answer >>> 16, answer & 0xffff];
  }

  /** Gives the terminal to a process group. 0 or a negative errno. */
  giveTo(group: number): number {
    return this.#channel.call(SYS_TTY_FOREGROUND, group, 0);
  }

  /** 0 or a negative errno. */
  setRaw(raw: boolean): number {
    return this.#channel.call(SYS_TTY_MODE, raw ? 1 : 0, 0);
  }
}
