import { S_IFIFO, S_IFMT, S_IFSOCK } from "../../disk/modes.js";
import { UNIX_QUEUE, UNIX_STREAM } from "../../disk/socket.js";
import { TypedArrayPrototypeGetLength } from "../../primordials/primordials.js";
import { EACCES, EADDRINUSE, EBADF, EEXIST, EINVAL, ENOENT, ENOTCONN } from "../../syscall/errno.js";
import { STDERR_PIPE, STDOUT_PIPE } from "../../syscall/process-page.js";
import { FAMILY_ABSTRACT, FAMILY_UNIX, MAX_NAME_TEXT } from "../../syscall/socket-name.js";
import { passHandle, takeHandle } from "../child/passed-handles.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import { writeStdio } from "../stdio.js";
import { SocketHandle } from "./socket-handle.js";
import { encodeName } from "./socket-name.js";
import type { HandleEvents } from "./stream-handle.js";

const {
  Float64Array: Doubles,
  Int32Array: Words,
  StringPrototypeSlice,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
} = primordials;
const encodeUtf8String: (text: string) => Uint8Array =
  internalBinding("encoding_binding")["encodeUtf8String"];
const { latin1Slice } = internalBinding("buffer");
const stat: Float64Array = new Doubles(18);

const kinds = { stream: UNIX_STREAM, queue: UNIX_QUEUE, connectType: "PIPECONNECTWRAP" };

const READABLE = 1;
const WRITABLE = 2;

/** Whether an open file of the disk is an end of a pipe. */
export function isPipe({ disk }: GuestEnv, file: number): boolean {
  return disk.fstat(file, stat) === 0 && ((stat[1] as number) & S_IFMT) === S_IFIFO;
}

/** The bytes of a path, a character each; null where no socket can have it for a name. */
function nameText(path: string): string | null {
  const bytes = encodeUtf8String(path);
  const length = TypedArrayPrototypeGetLength(bytes);
  return length === 0 || length > MAX_NAME_TEXT ? null : latin1Slice(bytes, 0, length);
}

/** What the `pipe_wrap` binding has in its place: the call's standard streams, pipes of the disk, and sockets with paths. */
export function pipeWrap(env: GuestEnv, port: KernelPort, events: HandleEvents): Record<string, Internal> {
  const { constants } = internalBinding("pipe_wrap");
  const parts = { env, port, events };

  class Pipe extends SocketHandle {
    readonly #ipc: boolean;
    /** Neither a socket nor an end of a pair: it goes one way. */
    #oneWay = false;
    /** What came over a channel beside the bytes that are about to be delivered. */
    declare pendingHandle: Internal;
    /** The path that this handle has bound, and removes. */
    #path = "";

    constructor(type: number) {
      super(parts, type === constants.SERVER ? "PIPESERVERWRAP" : "PIPEWRAP", kinds);
      this.#ipc = type === constants.IPC;
    }

    override open(fd: number): number {
      const kind = env.fds.get(fd);
      if (kind === -EBADF) return -EBADF;
      if (kind < 0) {
        if (kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EINVAL;
        this.adopt(fd, 0, false);
        return 0;
      }
      if (env.disk.sockets.kind(kind) > 0) return super.open(fd);
      if (!isPipe(env, kind)) return -EINVAL;
      this.#oneWay = true;
      this.adopt(fd, kind, true);
      return 0;
    }

    protected override accepted(): Pipe {
      return new Pipe(constants.SOCKET);
    }

    protected override bindAnywhere(): number {
      return -EINVAL;
    }

    bind(path: string): number {
      const text = nameText(path);
      if (text === null) return -EINVAL;
      if (text[0] === "\0") {
        const name = encodeName(FAMILY_ABSTRACT, StringPrototypeSlice(text, 1), 0);
        const error = this.bindTo(name, 0);
        return error === -EADDRINUSE ? this.delay(error) : error;
      }
      const error = this.bindTo(encodeName(FAMILY_UNIX, text, 0), 0);
      if (error < 0) return error;
      const made = env.disk.mknod(path, S_IFSOCK | 0o777, replied(env));
      if (made === 0) {
        this.#path = path;
        return 0;
      }
      this.giveUp(false);
      if (made === -EEXIST) return this.delay(-EADDRINUSE);
      return made === -ENOENT ? -EACCES : made;
    }

    connect(request: Internal, path: string): number {
      const text = nameText(path);
      if (text === null) return -EINVAL;
      if (text[0] === "\0")
        return this.connectTo(request, encodeName(FAMILY_ABSTRACT, StringPrototypeSlice(text, 1), 0));
      const number = env.disk.socketNumber(path);
      if (number < 0) return this.refuseLater(request, number);
      return this.connectTo(request, encodeName(FAMILY_UNIX, `${number}`, 0));
    }

    /** Who may connect. */
    fchmod(mode: number): number {
      if (this.#path === "") return -EBADF;
      const read = (mode & READABLE) !== 0 ? 0o444 : 0;
      const write = (mode & WRITABLE) !== 0 ? 0o222 : 0;
      return read + write === 0 ? -EINVAL : env.disk.chmod(this.#path, read | write);
    }

    override writeUtf8String(request: Internal, text: string, handle?: Internal): Internal {
      return this.#pass(handle) || super.writeUtf8String(request, text);
    }

    override writeBuffer(request: Internal, bytes: Uint8Array, handle?: Internal): Internal {
      return this.#pass(handle) || super.writeBuffer(request, bytes);
    }

    #pass(handle: Internal): number {
      return this.#ipc && typeof handle === "object" && handle !== null
        ? passHandle(env, this.fd, handle)
        : 0;
    }

    override deliver(bytes: Uint8Array): void {
      if (this.#ipc && env.disk.hasPassed(this.file) === 1) this.pendingHandle = takeHandle(env, this.fd);
      super.deliver(bytes);
    }

    protected override startReading(): void {
      // The other end belongs to a child that could not be started.
      if (this.fd === -1) events.later(() => this.deliverEnd());
      else super.startReading();
    }

    protected override sendNow(bytes: Uint8Array, length: number): number {
      if (this.file > 0) return super.sendNow(bytes, length);
      const kind = env.fds.get(this.fd);
      if (kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EBADF;
      writeStdio(env, kind === STDOUT_PIPE ? 1 : 2, bytes, length);
      return length;
    }

    override shutdown(request?: Internal): number {
      return this.file > 0 ? super.shutdown(request) : 1;
    }

    protected override shutDown(file: number): void {
      if (this.#ipc) return;
      if (env.disk.shutdown(file) === -ENOTCONN && this.#oneWay) this.giveUp(false);
    }

    override close(callback?: () => void): void {
      if (this.#path !== "" && !this.isClosing()) env.disk.unlink(this.#path);
      super.close(callback);
    }
  }

  return { Pipe };
}

/** The word that the kernel has replied: what the disk is to know a name by. */
function replied({ channel: { reply } }: GuestEnv): number {
  const words = new Words(TypedArrayPrototypeGetBuffer(reply), TypedArrayPrototypeGetByteOffset(reply), 1);
  return words[0] as number;
}
