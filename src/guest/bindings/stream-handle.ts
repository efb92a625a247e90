import { EACCES } from "../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";

const { ReflectApply, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet } = primordials;
const ByteView: Uint8ArrayConstructor = primordials.Uint8Array;

interface NativeStream {
  getAsyncId(): number;
}
/** A native stream that JavaScript feeds, so that TLS, HTTP and the like can take it over in C++. */
const JSStream: new () => NativeStream = internalBinding("js_stream")["JSStream"];
const { readBuffer, emitEOF, finishWrite, finishShutdown } = JSStream.prototype as Internal;

const { streamBaseState, kBytesWritten, kLastWriteWasAsync } = internalBinding("stream_wrap");
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

/**
 * A stream handle of `net` over what is not a descriptor of the system.
 *
 * Writes are synchronous: they are done when the method returns. Reading counts as activity that keeps
 * the event loop alive, unless the handle is unreferenced.
 */
export class StreamHandle extends JSStream {
  readonly #port: KernelPort;
  readonly #events: HandleEvents;
  #referenced = true;
  #reading = false;
  #holding = false;
  #closed = false;
  #denied = false;

  constructor(port: KernelPort, events: HandleEvents) {
    super();
    this.#port = port;
    this.#events = events;
  }

  /** What reads, writes and connections on this handle answer is EACCES from now on. */
  protected setDenied(): void {
    this.#denied = true;
  }

  /** What a method answers that would reach out of the process. */
  protected refuse(): number {
    return -EACCES;
  }

  protected startReading(): void {
    // A handle that nothing comes from.
  }
  protected stopReading(): void {
    // The same.
  }
  /** Sends bytes; 0 or a negative errno. */
  protected send(_bytes: Uint8Array): number {
    return -EACCES;
  }

  /** Hands bytes to the stream's reader. */
  deliver(bytes: Uint8Array): void {
    ReflectApply(readBuffer, this, [bytes]);
  }

  /** Tells the reader, if there is one, that nothing more comes. */
  deliverEnd(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#hold();
    ReflectApply(emitEOF, this, []);
  }

  readStart(): number {
    if (this.#closed || this.#denied) return -EACCES;
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
    let status = 0;
    for (let i = 0; i < buffers.length && status === 0; i++) status = this.send(buffers[i] as Uint8Array);
    this.#events.later(() => ReflectApply(finishWrite, this, [request, status]));
    return 0;
  }

  onshutdown(request: Internal): number {
    this.#events.later(() => ReflectApply(finishShutdown, this, [request, 0]));
    return 0;
  }

  isClosing(): boolean {
    return this.#closed;
  }

  /** 1: there is nothing to wait for. */
  shutdown(): number {
    return 1;
  }

  writeBuffer(_request: unknown, bytes: Uint8Array): number {
    return this.#write(bytes);
  }

  writeUtf8String(_request: unknown, text: string): number {
    return this.#write(encode(text, "utf8"));
  }

  writeAsciiString(_request: unknown, text: string): number {
    return this.#write(encode(text, "latin1"));
  }

  writeLatin1String(_request: unknown, text: string): number {
    return this.#write(encode(text, "latin1"));
  }

  writeUcs2String(_request: unknown, text: string): number {
    return this.#write(encode(text, "ucs2"));
  }

  /** `chunks` are buffers alone, or text and its encoding in turns. */
  writev(_request: unknown, chunks: (Uint8Array | string)[], allBuffers: boolean): number {
    const parts: Uint8Array[] = [];
    let total = 0;
    for (let i = 0; i < chunks.length; i += allBuffers ? 1 : 2) {
      const chunk = chunks[i] as Uint8Array | string;
      const part = typeof chunk === "string" ? encode(chunk, known(chunks[i + 1] as string)) : chunk;
      primordials.ArrayPrototypePush(parts, part);
      total += TypedArrayPrototypeGetByteLength(part) as number;
    }
    const whole = new ByteView(total);
    let at = 0;
    for (let i = 0; i < parts.length; i++) {
      TypedArrayPrototypeSet(whole, parts[i], at);
      at += TypedArrayPrototypeGetByteLength(parts[i]) as number;
    }
    return this.#write(whole);
  }

  #write(bytes: Uint8Array): number {
    if (this.#closed) return -EACCES;
    const status = this.send(bytes);
    streamBaseState[kBytesWritten] = status === 0 ? TypedArrayPrototypeGetByteLength(bytes) : 0;
    streamBaseState[kLastWriteWasAsync] = 0;
    return status;
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

  /** Keeps the loop alive exactly while the handle reads and is referenced. */
  #hold(): void {
    const holds = this.#reading && this.#referenced && !this.#closed;
    if (holds === this.#holding) return;
    this.#holding = holds;
    this.#events.active(this, holds);
    if (holds) this.#port.ref();
    else this.#port.unref();
  }
}
