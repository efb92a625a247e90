import { EAGAIN, ENOBUFS, ERESTARTSYS, ETIMEDOUT } from "../../syscall/errno.js";
import { SYS_KILL, SYS_WAIT } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { startProcess } from "./request.js";
import { type ChildStdio, closeAll, openStdio } from "./stdio.js";

const {
  ArrayPrototypePush,
  MathMin,
  String: toText,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  TypedArrayPrototypeSlice,
  Uint8Array: ByteView,
} = primordials;
const { FastBuffer } = requireBuiltin("internal/buffer");
const { signals } = internalBinding("constants")["os"];

/** How often a process is asked for whose pipes are closed already, in milliseconds. */
const LOOK = 50;

/** One pipe to the process. */
interface Channel {
  index: number;
  file: number;
  fd: number;
  /** What it gets, or null where it is read from. */
  input: Uint8Array | null;
  at: number;
  pieces: Uint8Array[];
  length: number;
  open: boolean;
}

interface Result {
  pid: number;
  status: number | null;
  signal: string | null;
  output: unknown[] | null;
  error?: number;
}

/** What the `spawn_sync` binding has in its place. */
export function spawnSyncBinding(env: GuestEnv, now: () => number): Record<string, Internal> {
  return { spawn: (options: Internal) => new SyncProcess(env, now, options).run() };
}

function direction(_index: number, entry: Internal): "in" | "out" {
  return entry.readable ? "out" : "in";
}

/** A process that this thread waits for: it carries the bytes of its pipes meanwhile. */
class SyncProcess {
  readonly #env: GuestEnv;
  readonly #now: () => number;
  readonly #options: Internal;
  readonly #channels: Channel[] = [];
  readonly #scratch: Uint8Array = new ByteView(64 * 1024);
  #pid = 0;
  #error = 0;
  /** What went wrong with a pipe: an error of the process itself counts before it. */
  #pipeError = 0;
  #killed = false;

  constructor(env: GuestEnv, now: () => number, options: Internal) {
    this.#env = env;
    this.#now = now;
    this.#options = options;
  }

  run(): Result {
    const { file, args, cwd, envPairs, uid, gid, detached, stdio } = this.#options;
    const env = this.#env;
    const opened = openStdio(env, stdio, direction);
    if (typeof opened === "number") return failed(opened);
    const options = { file: toText(file), args, cwd, envPairs, detached: detached === true, uid, gid };
    const pid = startProcess(env, 0, options, opened.given);
    closeAll(env, opened.temporary);
    if (pid < 0) {
      closeAll(env, opened.kept);
      return failed(pid);
    }
    this.#pid = pid;
    this.#adopt(opened, stdio);
    const status = this.#wait();
    for (let i = 0; i < this.#channels.length; i++) this.#close(this.#channels[i] as Channel);
    return this.#result(status, stdio);
  }

  #adopt({ kept }: ChildStdio, stdio: Internal[]): void {
    for (let index = 0; index < kept.length; index++) {
      const fd = kept[index] as number;
      if (fd < 0) continue;
      const { readable, input } = stdio[index];
      const channel: Channel = {
        ...{ index, fd, file: this.#env.fds.get(fd), at: 0, pieces: [], length: 0, open: true },
        input: readable ? (input ?? new ByteView(0)) : null,
      };
      ArrayPrototypePush(this.#channels, channel);
    }
  }

  /** Carries bytes until the process has ended and its pipes have. Answers its status. */
  #wait(): number {
    const { disk, channel } = this.#env;
    const timeout: number = this.#options.timeout ?? 0;
    const deadline = timeout > 0 ? this.#now() + timeout : Infinity;
    let status = -EAGAIN;
    disk.beginWaiting();
    try {
      for (;;) {
        const count = disk.happened();
        const busy = this.#carry();
        if (status === -EAGAIN) status = channel.call(SYS_WAIT, this.#pid, 0);
        if (status !== -EAGAIN && (!busy || this.#killed)) return status;
        const left = deadline - this.#now();
        if (left <= 0 && !this.#killed) this.#kill(-ETIMEDOUT);
        else disk.waitForAny(count, MathMin(left > 0 ? left : LOOK, LOOK));
      }
    } finally {
      disk.endWaiting();
    }
  }

  /** Moves what can be moved; whether a pipe from the process is still open. */
  #carry(): boolean {
    let reading = false;
    for (let i = 0; i < this.#channels.length; i++) {
      const channel = this.#channels[i] as Channel;
      if (!channel.open) continue;
      if (channel.input !== null) this.#feed(channel, channel.input);
      else {
        this.#drain(channel);
        if (channel.open) reading = true;
      }
    }
    return reading;
  }

  #feed(channel: Channel, input: Uint8Array): void {
    const length: number = TypedArrayPrototypeGetByteLength(input);
    const view = new ByteView(
      TypedArrayPrototypeGetBuffer(input),
      TypedArrayPrototypeGetByteOffset(input),
      length,
    );
    while (channel.at < length) {
      const count = this.#env.disk.write(channel.file, view, channel.at, length - channel.at, -1);
      if (count === -ERESTARTSYS) return;
      // It may end without having read all.
      if (count < 0) {
        if (this.#pipeError === 0) this.#pipeError = count;
        break;
      }
      channel.at += count;
    }
    this.#close(channel);
  }

  #drain(channel: Channel): void {
    const most: number = this.#options.maxBuffer > 0 ? this.#options.maxBuffer : Infinity;
    for (;;) {
      const count = this.#env.disk.read(channel.file, this.#scratch, 0, this.#scratch.length, -1);
      if (count === -ERESTARTSYS) return;
      if (count <= 0) break;
      // As Node, which looks at the limit after a piece has been taken.
      ArrayPrototypePush(channel.pieces, TypedArrayPrototypeSlice(this.#scratch, 0, count));
      channel.length += count;
      if (channel.length > most) {
        this.#kill(-ENOBUFS);
        return;
      }
    }
    this.#close(channel);
  }

  #close(channel: Channel): void {
    if (!channel.open) return;
    channel.open = false;
    closeAll(this.#env, [channel.fd]);
  }

  #kill(error: number): void {
    if (this.#error === 0) this.#error = error;
    this.#killed = true;
    // It may live on for a while: nothing more is taken from it.
    for (let i = 0; i < this.#channels.length; i++) this.#close(this.#channels[i] as Channel);
    const { killSignal } = this.#options;
    this.#env.channel.call(SYS_KILL, this.#pid, killSignal > 0 ? killSignal : signals.SIGTERM);
  }

  #result(status: number, stdio: Internal[]): Result {
    const output: unknown[] = [];
    for (let i = 0; i < stdio.length; i++) ArrayPrototypePush(output, null);
    for (let i = 0; i < this.#channels.length; i++) {
      const { index, input, pieces, length } = this.#channels[i] as Channel;
      if (input === null) output[index] = joined(pieces, length);
    }
    const signal = status & 127;
    const result: Result = {
      pid: this.#pid,
      status: signal === 0 ? status >> 8 : null,
      signal: signal === 0 ? null : nameOf(signal),
      output,
    };
    const error = this.#error || this.#pipeError;
    if (error !== 0) result.error = error;
    return result;
  }
}

function failed(error: number): Result {
  return { error, pid: 0, status: null, signal: null, output: null };
}

function nameOf(signal: number): string {
  const names: string[] = primordials.ObjectKeys(signals);
  for (let i = 0; i < names.length; i++)
    if (signals[names[i] as string] === signal) return names[i] as string;
  return "";
}

function joined(pieces: readonly Uint8Array[], length: number): unknown {
  const whole = new FastBuffer(length);
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    TypedArrayPrototypeSet(whole, pieces[i], at);
    at += TypedArrayPrototypeGetByteLength(pieces[i]);
  }
  return whole;
}
