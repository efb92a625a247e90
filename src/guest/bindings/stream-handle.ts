import { EACCES, EBADF } from "../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import { announce, silence } from "./provider.js";

const {
  ArrayPrototypePush,
  ArrayPrototypeShift,
  ReflectApply,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
} = primordials;
const ByteView: Uint8ArrayConstructor = primordials.Uint8Array;

interface NativeStream {
  getAsyncId(): number;
}
/** A native stream that JavaScript feeds, so that TLS, HTTP and the like can take it over in C++. */
const JSStream: new () => NativeStream = internalBinding("js_stream")["JSStream"];
const { readBuffer, emitEOF, finishWrite, finishShutdown } = JSStream.prototype as Internal;

const { WriteWrap, streamBaseState } = internalBinding("stream_wrap");
const { kReadBytesOrError, kArrayBufferOffset, kBytesWritten, kLastWriteErr, kLastWriteWasAsync } =
  internalBinding("stream_wrap");
const { latin1WriteStatic, ucs2Write } = internalBinding("buffer");
const encodeUtf8String: (text: string) => Uint8Array =
  internalBinding("encoding_binding")["encodeUtf8String"];

/** What handles need of the thread's event loop. */
export interface HandleEvents {
  /** Calls back in a later phase of the loop, outside of what runs now. */
  later(callback: () => void): void;
  /** A handle became, or ceases to be, one that the process waits for. */
  active(handle: object, isActive: boolean): void;
}

function encode(text: string, encoding: string): Uint8Array {
  if (encoding === "utf8") {
    return encodeUtf8String(text);
  }
  if (encoding === "ucs2") {
    const bytes = new ByteView(text.length * 2);
    ucs2Write(bytes, text, 0, text.length * 2);
    return bytes;
  }
  const bytes = new ByteView(text.length);
  latin1WriteStatic(bytes, text, 0, text.length);
  return bytes;
}

/** Names of encodings as `stream.write` takes them, to the three that a handle knows. */
function known(encoding: string): string {
  if (encoding === "ucs2" || encoding === "ucs-2" || encoding === "utf16le" || encoding === "utf-16le")
    return "ucs2";
  return encoding === "latin1" || encoding === "binary" || encoding === "ascii" ? "latin1" : "utf8";
}

/** What `send` answers that is not done yet. */
export const PENDING = 1;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (let i = 0; i < parts.length; i++) total += TypedArrayPrototypeGetByteLength(parts[i]) as number;
  const whole = new ByteView(total);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    TypedArrayPrototypeSet(whole, parts[i], at);
    at += TypedArrayPrototypeGetByteLength(parts[i]) as number;
  }
  return whole;
}

/**
 * A stream handle of `net` over what is not a descriptor of the system.
 *
 * Writes are done when the method returns, unless `send` answers `PENDING`. Reading counts as activity that
 * keeps the event loop alive, unless the handle is unreferenced; so does what `occupy` says.
 */
export class StreamHandle extends JSStream {
  readonly #port: KernelPort;
  readonly #events: HandleEvents;
  #referenced = true;
  #reading = false;
  /** How much else there is to wait for. */
  #occupied = 0;
  #holding = false;
  #closed = false;
  /** Who reads in C++ and is told of errors by us; null where C++ hands them on. */
  #above: Internal = null;
  #bytesWritten = 0;
  /** Writes from C++ that it has not been told the end of. */
  #unfinished = 0;
  readonly #finished: (() => void)[] = [];
  #shutdown: (() => void) | null = null;

  /** `type` is the handle's name for async hooks. */
  constructor(port: KernelPort, events: HandleEvents, type: string) {
    // @ts-expect-error: what is silenced is silent before the native object is made.
    super(silence());
    announce(this, type);
    this.#port = port;
    this.#events = events;
  }

  /** What a method answers that would reach out of the process. */
  protected refuse(): number {
    return -EACCES;
  }

  /** Something begins that the event loop waits for, unless the handle is unreferenced. */
  protected occupy(): void {
    this.#occupied++;
    this.#hold();
  }

  protected release(): void {
    this.#occupied--;
    this.#hold();
  }

  protected get isReading(): boolean {
    return this.#reading;
  }

  protected startReading(): void {
    // A handle that nothing comes from.
  }
  protected stopReading(): void {
    // The same.
  }
  /** Sends bytes; 0, a negative errno, or `PENDING` when `done` will be called with one of these. */
  protected send(_bytes: Uint8Array, _done: (status: number) => void): number {
    return -EACCES;
  }

  /** Hands bytes to the stream's reader. */
  deliver(bytes: Uint8Array): void {
    ReflectApply(readBuffer, this, [bytes]);
    this.#finish();
  }

  /** Tells the reader, if there is one, that nothing more comes. */
  deliverEnd(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#hold();
    ReflectApply(emitEOF, this, []);
  }

  /** What stands on a stream in C++ and reads errors of its own: TLS. */
  static carry(stream: object, above: Internal): void {
    if (#above in stream) stream.#above = above;
  }

  /** Tells the reader of an error, which whoever has taken the stream over in C++ hands on as well. */
  deliverError(error: number): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#hold();
    streamBaseState[kReadBytesOrError] = error;
    streamBaseState[kArrayBufferOffset] = 0;
    const reader = this.#above ?? (this as Internal);
    const { onread } = reader;
    if (typeof onread === "function") ReflectApply(onread, reader, [undefined]);
  }

  readStart(): number {
    if (this.#closed) return -EBADF;
    if (this.#reading) return 0;
    this.#reading = true;
    this.#hold();
    this.startReading();
    return 0;
  }

  readStop(): number {
    if (!this.#reading) return 0;
    this.#reading = false;
    this.#hold();
    this.stopReading();
    return 0;
  }

  // The same for readers and writers in C++.
  onreadstart(): number {
    return this.readStart();
  }

  onreadstop(): number {
    return this.readStop();
  }

  onwrite(request: Internal, buffers: Uint8Array[]): number {
    this.#unfinished++;
    const finish = (status: number): void => {
      this.#unfinished--;
      ReflectApply(finishWrite, this, [request, status]);
      if (this.#unfinished > 0 || this.#shutdown === null) return;
      const shutdown = this.#shutdown;
      this.#shutdown = null;
      this.endWriting(shutdown);
    };
    const bytes = buffers.length === 1 ? (buffers[0] as Uint8Array) : joined(buffers);
    const status = this.send(bytes, finish);
    if (status >= 0) this.#bytesWritten += TypedArrayPrototypeGetByteLength(bytes) as number;
    if (status === PENDING) return 0;
    if (this.#finished.length === 0) this.#events.later(this.#finish);
    ArrayPrototypePush(this.#finished, () => finish(status));
    return 0;
  }

  /** Tells of writes that are done, though C++ may not hear of them while it writes. */
  readonly #finish = (): void => {
    while (this.#finished.length > 0) (ArrayPrototypeShift(this.#finished) as () => void)();
  };

  onshutdown(request: Internal): number {
    const shutdown = (): void => ReflectApply(finishShutdown, this, [request, 0]);
    // Whoever encrypts may write the rest only when it hears of what is written already.
    if (this.#unfinished > 0) this.#shutdown = shutdown;
    else this.endWriting(shutdown);
    return 0;
  }

  /** Nothing more is written. `done` is called later, after all that is written already. */
  protected endWriting(done: () => void): void {
    this.#events.later(done);
  }

  isClosing(): boolean {
    return this.#closed;
  }

  /** 1: there is nothing to wait for. */
  shutdown(): number {
    return 1;
  }

  writeBuffer(request: Internal | null, bytes: Uint8Array): Internal {
    return this.#write(request, bytes);
  }

  writeUtf8String(request: Internal | null, text: string): Internal {
    return this.#write(request, encode(text, "utf8"));
  }

  writeAsciiString(request: Internal | null, text: string): Internal {
    return this.#write(request, encode(text, "latin1"));
  }

  writeLatin1String(request: Internal | null, text: string): Internal {
    return this.#write(request, encode(text, "latin1"));
  }

  writeUcs2String(request: Internal | null, text: string): Internal {
    return this.#write(request, encode(text, "ucs2"));
  }

  /** `chunks` are buffers alone, or text and its encoding in turns. */
  writev(request: Internal | null, chunks: (Uint8Array | string)[], allBuffers: boolean): Internal {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < chunks.length; i += allBuffers ? 1 : 2) {
      const chunk = chunks[i] as Uint8Array | string;
      const part = typeof chunk === "string" ? encode(chunk, known(chunks[i + 1] as string)) : chunk;
      ArrayPrototypePush(parts, part);
    }
    return this.#write(request, joined(parts));
  }

  /** Answers a status; for a write that is not done and came without a request, a request of ours. */
  #write(given: Internal | null, bytes: Uint8Array): Internal {
    if (this.#closed) return -EBADF;
    const request = given ?? new WriteWrap();
    const status = this.send(bytes, (result) =>
      ReflectApply(request.oncomplete, request, [result, this, undefined]),
    );
    const written = status < 0 ? 0 : (TypedArrayPrototypeGetByteLength(bytes) as number);
    this.#bytesWritten += written;
    streamBaseState[kBytesWritten] = written;
    streamBaseState[kLastWriteWasAsync] = status === PENDING ? 1 : 0;
    streamBaseState[kLastWriteErr] = 0;
    if (status !== PENDING) return status;
    if (given !== null) return 0;
    request.writeStatus = null;
    return request;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get writeQueueSize(): number {
    return 0;
  }

  setBlocking(): number {
    return 0;
  }

  close(callback?: () => void): void {
    if (this.#closed) return;
    this.readStop();
    this.#closed = true;
    this.#hold();
    this.#events.later(() => {
      if (typeof callback === "function") ReflectApply(callback, this, []);
    });
  }

  ref(): void {
    this.#referenced = true;
    this.#hold();
  }

  unref(): void {
    this.#referenced = false;
    this.#hold();
  }

  hasRef(): boolean {
    return this.#referenced && !this.#closed;
  }

  /** Keeps the loop alive exactly while the handle waits for something and is referenced. */
  #hold(): void {
    const holds = (this.#reading || this.#occupied > 0) && this.#referenced && !this.#closed;
    if (holds === this.#holding) return;
    this.#holding = holds;
    this.#events.active(this, holds);
    if (holds) this.#port.ref();
    else this.#port.unref();
  }
}
