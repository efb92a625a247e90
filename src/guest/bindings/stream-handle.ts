import { EACCES, EBADF } from "../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import {
  type Chunk,
  type Encoding,
  encode,
  encodeChunks,
  place,
  placeChunks,
  placeText,
  restOf,
  totalLength,
} from "./gather.js";
import { NativeWrites } from "./native-writes.js";
import { announce, silence } from "./provider.js";

const { ReflectApply, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSlice } = primordials;

interface NativeStream {
  getAsyncId(): number;
}
/** A native stream that JavaScript feeds, so that TLS, HTTP and the like can take it over in C++. */
const JSStream: new () => NativeStream = internalBinding("js_stream")["JSStream"];
const { readBuffer, emitEOF, finishShutdown } = JSStream.prototype as Internal;

const { WriteWrap, streamBaseState } = internalBinding("stream_wrap");
const { kReadBytesOrError, kArrayBufferOffset, kBytesWritten, kLastWriteErr, kLastWriteWasAsync } =
  internalBinding("stream_wrap");

/** What handles need of the thread's event loop. */
export interface HandleEvents {
  /** Calls back in a later phase of the loop, outside of what runs now. */
  later(callback: () => void): void;
  /** A handle became, or ceases to be, one that the process waits for. */
  active(handle: object, isActive: boolean): void;
}

/**
 * A stream handle of `net` over what is not a descriptor of the system.
 *
 * Writes are done when the method returns, but for what `sendNow` leaves. Reading counts as activity that
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
  readonly #native: NativeWrites;

  /** `type` is the handle's name for async hooks. */
  constructor(port: KernelPort, events: HandleEvents, type: string) {
    // @ts-expect-error: what is silenced is silent before the native object is made.
    super(silence());
    announce(this, type);
    this.#port = port;
    this.#events = events;
    this.#native = new NativeWrites(this, events);
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
  /** Sends what can be sent at once of so many bytes: how many, or a negative errno. */
  protected sendNow(_bytes: Uint8Array, _length: number): number {
    return -EACCES;
  }
  /** Sends what `sendNow` has left. `done` is called with 0 or a negative errno. */
  protected sendLater(_bytes: Uint8Array, done: (status: number) => void): void {
    done(-EACCES);
  }

  /** `sendNow` for parts, of which there is at least one. */
  #sendParts(parts: Uint8Array[], total: number): number {
    if (parts.length === 1) return this.sendNow(parts[0] as Uint8Array, total);
    if (placeChunks(parts, true) === total) return this.sendNow(place, total);
    let sent = 0;
    for (let i = 0; i < parts.length; i++) {
      const length: number = TypedArrayPrototypeGetByteLength(parts[i]);
      const now = this.sendNow(parts[i] as Uint8Array, length);
      if (now < 0) return sent > 0 ? sent : now;
      sent += now;
      if (now < length) break;
    }
    return sent;
  }

  /** Hands bytes to the stream's reader. */
  deliver(bytes: Uint8Array): void {
    ReflectApply(readBuffer, this, [bytes]);
    this.#native.tell();
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
    const finish = this.#native.begin(request);
    const total = totalLength(buffers);
    const sent = this.#sendParts(buffers, total);
    if (sent >= 0) this.#bytesWritten += total;
    if (sent >= 0 && sent < total) {
      this.sendLater(restOf(buffers, sent), finish);
      return 0;
    }
    const status = sent < 0 ? sent : 0;
    this.#native.done(finish, status);
    return 0;
  }

  onshutdown(request: Internal): number {
    const shutdown = (): void => ReflectApply(finishShutdown, this, [request, 0]);
    this.#native.afterwards(() => this.endWriting(shutdown));
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
    return this.#writeText(request, text, "utf8");
  }

  writeAsciiString(request: Internal | null, text: string): Internal {
    return this.#writeText(request, text, "latin1");
  }

  writeLatin1String(request: Internal | null, text: string): Internal {
    return this.#writeText(request, text, "latin1");
  }

  writeUcs2String(request: Internal | null, text: string): Internal {
    return this.#writeText(request, text, "ucs2");
  }

  #writeText(request: Internal | null, text: string, encoding: Encoding): Internal {
    const placed = placeText(text, encoding);
    return placed < 0 ? this.#write(request, encode(text, encoding)) : this.#writePlaced(request, placed);
  }

  /** `chunks` are buffers alone, or text and its encoding in turns. */
  writev(request: Internal | null, chunks: Chunk[], allBuffers: boolean): Internal {
    const placed = placeChunks(chunks, allBuffers);
    if (placed >= 0) return this.#writePlaced(request, placed);
    if (this.#closed) return -EBADF;
    const parts = allBuffers ? (chunks as Uint8Array[]) : encodeChunks(chunks);
    const total = totalLength(parts);
    const sent = this.#sendParts(parts, total);
    return sent < 0 || sent === total
      ? this.#written(sent)
      : this.#writeLater(request, restOf(parts, sent), total);
  }

  #write(request: Internal | null, bytes: Uint8Array): Internal {
    if (this.#closed) return -EBADF;
    const length: number = TypedArrayPrototypeGetByteLength(bytes);
    const sent = this.sendNow(bytes, length);
    return sent < 0 || sent === length
      ? this.#written(sent)
      : this.#writeLater(request, sent === 0 ? bytes : restOf([bytes], sent), length);
  }

  /** Writes bytes that lie where the next ones will. */
  #writePlaced(request: Internal | null, length: number): Internal {
    if (this.#closed) return -EBADF;
    const sent = this.sendNow(place, length);
    return sent < 0 || sent === length
      ? this.#written(sent)
      : this.#writeLater(request, TypedArrayPrototypeSlice(place, sent, length), length);
  }

  /** The status of a write that is done. */
  #written(sent: number): number {
    const bytes = sent < 0 ? 0 : sent;
    this.#bytesWritten += bytes;
    streamBaseState[kBytesWritten] = bytes;
    streamBaseState[kLastWriteWasAsync] = 0;
    streamBaseState[kLastWriteErr] = 0;
    return sent < 0 ? sent : 0;
  }

  /** Answers a status; for a write that came without a request, a request of ours. */
  #writeLater(given: Internal | null, rest: Uint8Array, total: number): Internal {
    const request = given ?? new WriteWrap();
    this.#written(total);
    streamBaseState[kLastWriteWasAsync] = 1;
    this.sendLater(rest, (result) => ReflectApply(request.oncomplete, request, [result, this, undefined]));
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
