import {
  EACCES,
  EALREADY,
  EBADF,
  ECANCELED,
  EINVAL,
  EISCONN,
  ENOTCONN,
  ERESTARTSYS,
} from "../../syscall/errno.js";
import { SYS_BIND, SYS_LISTEN, SYS_UNBOUND } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import { AcceptQueue, lookForConnections } from "./accept-queue.js";
import { callBack, complete, contextOf, Operation } from "./completions.js";
import { dial } from "./dial.js";
import { PipeStream } from "./pipe-stream.js";
import { explainRefusal } from "./refused-connection.js";
import { nameLength } from "./socket-name.js";
import { type HandleEvents, StreamHandle } from "./stream-handle.js";

const { ReflectApply } = primordials;

/** The kinds of sockets that a class of handles is made of, and what async hooks call them. */
export interface SocketKinds {
  readonly stream: number;
  readonly queue: number;
  readonly connectType: string;
}

/** What stands on this. */
export interface SocketParts {
  readonly env: GuestEnv;
  readonly port: KernelPort;
  readonly events: HandleEvents;
}

/** A program may have taken its callback back. */
function oncomplete(request: Internal, status: number, handle: SocketHandle): void {
  const callback = request.oncomplete;
  if (typeof callback === "function") ReflectApply(callback, request, [status, handle, request, true, true]);
}

const STDERR = 2;
/** Bytes of a TLS record of the usual size, with what is around them. */
const TLS_RECORD = 16_384 + 29;
const { useUserBuffer } = StreamHandle.prototype as Internal;

/** A connection, or what takes them: a socket of the disk as a handle of `net`. */
export abstract class SocketHandle extends StreamHandle {
  readonly #env: GuestEnv;
  readonly #kinds: SocketKinds;
  #fd = -1;
  /** The open file behind the descriptor. */
  #file = 0;
  #stream: PipeStream | null = null;
  /** What whoever reads has room for at a time; 0 for any. */
  #most = 0;
  /** What a call said that the next one is to answer. */
  #delayed = 0;
  #connecting: { request: Internal; operation: Operation } | null = null;
  #ending: (() => void) | null = null;
  #accepting: AcceptQueue | null = null;
  /** The descriptor of the name that the end of a connection to be has. */
  #bound = -1;
  /** What the handle's own callbacks run in. */
  readonly #context = contextOf(this);
  declare onconnection: Internal;

  constructor({ env, port, events }: SocketParts, type: string, kinds: SocketKinds) {
    super(port, events, type);
    this.#env = env;
    this.#kinds = kinds;
  }

  /** Makes the handle of a connection that was taken. */
  protected abstract accepted(): SocketHandle;
  /** Takes a name, for a handle that is to listen without one; a negative errno for none. */
  protected abstract bindAnywhere(): number;

  get fd(): number {
    return this.#fd;
  }

  protected get file(): number {
    return this.#file;
  }

  open(fd: number): number {
    const file = this.#env.fds.get(fd);
    if (file === -EBADF) return -EBADF;
    const kind = file > 0 ? this.#env.disk.sockets.kind(file) : 0;
    if (kind !== this.#kinds.stream && kind !== this.#kinds.queue) return -EINVAL;
    this.adopt(fd, file, kind === this.#kinds.stream);
    return 0;
  }

  /** Becomes the handle of a descriptor; of its file, if that is one of the disk (else 0). */
  protected adopt(fd: number, file: number, isStream: boolean): void {
    this.#fd = fd;
    this.#file = file;
    if (!isStream) return;
    this.#stream = new PipeStream(this.#env, file);
    if (this.#most > 0) this.#stream.limit(this.#most);
  }

  /** Asks the kernel for a name: 0, or a negative errno. */
  protected bindTo(name: Uint8Array, flags: number): number {
    if (this.#fd >= 0) return -EINVAL;
    const { channel, fds } = this.#env;
    const fd = channel.call(SYS_BIND, this.#kinds.queue, flags, name, nameLength());
    if (fd < 0) return fd;
    this.adopt(fd, fds.get(fd), false);
    return 0;
  }

  /** What the next call is to answer, as libuv has it for names that are in use. */
  protected delay(error: number): number {
    this.#delayed = error;
    return 0;
  }

  listen(backlog: number): number {
    if (this.#delayed !== 0) return this.#delayed;
    if (this.#fd < 0) {
      const error = this.bindAnywhere() || this.#delayed;
      if (error !== 0) return error;
    }
    const result = this.#env.channel.call(SYS_LISTEN, this.#fd, backlog);
    if (result < 0 || this.#accepting !== null) return result;
    this.occupy();
    this.#accepting = new AcceptQueue(this.#env, this.#file, (connection, file) =>
      callBack(this.#context, this, () => this.#introduce(connection, file)),
    );
    return 0;
  }

  #introduce(fd: number, file: number): void {
    const handle = this.accepted();
    handle.adopt(fd, file, true);
    const { onconnection } = this;
    if (typeof onconnection === "function") ReflectApply(onconnection, this, [0, handle]);
  }

  /** Begins to connect. `name` is the other side's, for the kernel. */
  protected connectTo(request: Internal, name: Uint8Array): number {
    if (this.#connecting !== null) return -EALREADY;
    if (this.#stream !== null) return -EISCONN;
    if (this.#delayed !== 0) return this.refuseLater(request, this.#delayed);
    const dialled = dial(this.#env, this.#kinds.stream, { fd: this.#fd, file: this.#file }, name);
    if (typeof dialled === "number") return dialled;
    this.#connecting = { request, operation: new Operation(this.#kinds.connectType, request) };
    this.#bound = dialled.bound;
    this.adopt(dialled.fd, dialled.file, true);
    this.occupy();
    this.#settle();
    return 0;
  }

  /** Has a request to connect fail on a later turn. */
  protected refuseLater(request: Internal, error: number): number {
    const operation = new Operation(this.#kinds.connectType, request);
    complete(operation, request, () => oncomplete(request, error, this));
    return 0;
  }

  readonly #settle = (): void => {
    const { disk } = this.#env;
    let status = disk.sockets.status(this.#file);
    while (status === -ERESTARTSYS && this.#connecting !== null) {
      if (disk.waitLater(this.#settle)) return;
      status = disk.sockets.status(this.#file);
    }
    this.#answer(status);
  };

  #answer(status: number): void {
    if (this.#connecting === null) return;
    const { request, operation } = this.#connecting;
    this.#connecting = null;
    // Where both sides are in this thread, the one that was called hears of it first.
    if (status === 0) lookForConnections();
    complete(operation, request, () => {
      this.release();
      // The name is the connection's from now on.
      this.#unbind();
      const result = this.isClosing() ? -ECANCELED : status;
      oncomplete(request, result, this);
      if (result === -EACCES) explainRefusal(this.#env, request, this);
    });
  }

  #unbind(): void {
    if (this.#bound < 0) return;
    const file = this.#env.fds.free(this.#bound);
    if (file > 0) this.#env.disk.close(file);
    this.#bound = -1;
    this.#env.channel.post(SYS_UNBOUND, 0, 0);
  }

  /** Hands out no more at a time than whoever reads has room for. */
  useUserBuffer(buffer: Uint8Array): void {
    this.#limit(primordials.TypedArrayPrototypeGetByteLength(buffer));
    ReflectApply(useUserBuffer, this, [buffer]);
  }

  /** Whoever reads in C++ makes events of each record, between which ticks are to run. */
  override onreadstart(): number {
    if (this.#most === 0) this.#limit(TLS_RECORD);
    return super.onreadstart();
  }

  #limit(bytes: number): void {
    this.#most = bytes;
    this.#stream?.limit(bytes);
  }

  protected override startReading(): void {
    this.#stream?.start(this);
  }

  protected override stopReading(): void {
    this.#stream?.stop();
  }

  override deliverEnd(error = 0): void {
    if (error < 0) this.deliverError(error);
    else super.deliverEnd();
  }

  protected override sendNow(bytes: Uint8Array, length: number): number {
    return this.#stream === null ? -EBADF : this.#stream.writeNow(bytes, length);
  }

  protected override sendLater(bytes: Uint8Array, done: (status: number) => void): void {
    const stream = this.#stream as PipeStream;
    this.occupy();
    stream.write(bytes, (result) => {
      this.release();
      done(result);
      if (!stream.writing) this.#finishWriting();
    });
  }

  override get writeQueueSize(): number {
    return this.#stream?.queued ?? 0;
  }

  override shutdown(request?: Internal): number {
    if (this.#stream === null || this.#connecting !== null) return -ENOTCONN;
    if (request === undefined) return 1;
    const operation = new Operation("SHUTDOWNWRAP", request);
    this.endWriting(() => complete(operation, request, () => oncomplete(request, 0, this)));
    return 0;
  }

  /** What is left to write is written first. */
  protected override endWriting(done: () => void): void {
    this.occupy();
    this.#ending = () => {
      this.release();
      done();
    };
    if (!this.writing) this.#finishWriting();
  }

  get writing(): boolean {
    return this.#stream?.writing ?? false;
  }

  #finishWriting(): void {
    const ending = this.#ending;
    if (ending === null) return;
    this.#ending = null;
    if (this.#file > 0) this.shutDown(this.#file);
    ending();
  }

  /** Tells the other side that nothing more comes. */
  protected shutDown(file: number): void {
    this.#env.disk.shutdown(file);
  }

  /** Gives up the descriptor. */
  protected giveUp(reset: boolean): void {
    const { fds, disk } = this.#env;
    // A handle leaves the standard streams open, as libuv's do.
    if (this.#fd > STDERR) {
      fds.free(this.#fd);
      if (reset) disk.sockets.reset(this.#file);
      else disk.close(this.#file);
    }
    this.#fd = -1;
    this.#file = 0;
    this.#stream = null;
  }

  /** Closes without an orderly end for the other side. */
  reset(callback?: () => void): number {
    if (this.isClosing()) return 0;
    this.#close(true);
    super.close(callback);
    return 0;
  }

  override close(callback?: () => void): void {
    if (this.isClosing()) return;
    this.#close(false);
    super.close(callback);
  }

  #close(reset: boolean): void {
    const queue = this.#fd >= 0 && this.#stream === null;
    this.#accepting?.close();
    this.readStop();
    this.#stream?.close();
    this.giveUp(reset);
    if (queue) this.#env.channel.post(SYS_UNBOUND, 0, 0);
    this.#answer(-ECANCELED);
    this.#finishWriting();
  }
}
