/**
 * The guest's end of a thread page. It shares a realm with the guest program, so it uses captured
 * intrinsics only, and it stays whole when it is interrupted anywhere: by termination, by the timeout of
 * `vm`, or by a stack overflow. A record counts from its commit on and not before.
 */
import {
  AtomicsExchange,
  AtomicsLoad,
  AtomicsStore,
  AtomicsWait,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
} from "../primordials/primordials.js";
import {
  CONSUMED,
  GATE,
  MAX_PAYLOAD,
  RECORD_ALIGNMENT,
  REPLY,
  REPLY_BYTES,
  REPLY_LENGTH,
  REPLY_OFFSET,
  REPLY_VALUE,
  RING_BYTES,
  RING_OFFSET,
  recordBytes,
  WAITING,
  WAKE,
  WRITTEN,
} from "./thread-page.js";

export { type CallHandler, KernelChannel, LATER, STALL } from "./kernel-channel.js";
export { createThreadPage, GATE, MAX_PAYLOAD } from "./thread-page.js";

/** The constructor as it is when the module loads; the global may be another later. */
const ByteView = Uint8Array;

/** Below this, a loop beats the call that copies. */
const SHORT_COPY = 48;

export class GuestChannel {
  /** The control words; `GATE` is the index of this thread's gate (the disk's lock wants both). */
  readonly control: Int32Array;
  /** Where a sync call's reply bytes lie, `replyLength` of them, until the next sync call. */
  readonly reply: Uint8Array;
  replyLength = 0;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #wake: () => void;
  #sequence = 0;

  /** `wake` sends the number 0 through the thread's port; it must not run guest code. */
  constructor(page: SharedArrayBuffer, wake: () => void) {
    this.control = new Int32Array(page, 0, RING_OFFSET / 4);
    this.#words = new Int32Array(page, RING_OFFSET, RING_BYTES / 4);
    this.#doubles = new Float64Array(page, RING_OFFSET, RING_BYTES / 8);
    this.#bytes = new Uint8Array(page, RING_OFFSET, RING_BYTES);
    this.reply = new Uint8Array(page, REPLY_OFFSET, REPLY_BYTES);
    this.#wake = wake;
  }

  /** Submits a call that has no answer. Sleeps while the ring is full. `length` ≤ `MAX_PAYLOAD`. */
  post(nr: number, a: number, b: number, bytes?: Uint8Array, length?: number): void {
    this.#submit(0, nr, a, b, bytes, length);
  }

  /** Submits a call and sleeps until the kernel answers: at least 0, or a negative errno. */
  call(nr: number, a: number, b: number, bytes?: Uint8Array, length?: number): number {
    const sequence = (this.#sequence + 1) & 0x7fffffff || 1;
    // Taken before the submission, so that a call that was interrupted never shares its number.
    this.#sequence = sequence;
    this.#submit(sequence, nr, a, b, bytes, length);
    const { control } = this;
    for (;;) {
      const answered = AtomicsLoad(control, REPLY);
      if (answered === sequence) break;
      AtomicsWait(control, REPLY, answered);
      this.#waitAtGate();
    }
    const replied = AtomicsLoad(control, REPLY_LENGTH);
    this.replyLength = replied >= 0 && replied <= REPLY_BYTES ? replied : 0;
    return AtomicsLoad(control, REPLY_VALUE);
  }

  #submit(sequence: number, nr: number, a: number, b: number, bytes?: Uint8Array, length?: number): void {
    const { control } = this;
    let size = 0;
    if (bytes !== undefined) {
      size = length === undefined ? TypedArrayPrototypeGetLength(bytes) : length;
      if (size > MAX_PAYLOAD) size = MAX_PAYLOAD;
    }
    const room = recordBytes(size);
    const written = AtomicsLoad(control, WRITTEN);
    let waited = false;
    for (;;) {
      this.#waitAtGate();
      const consumed = AtomicsLoad(control, CONSUMED);
      if (RING_BYTES - ((written - consumed) | 0) >= room) break;
      waited = true;
      AtomicsStore(control, WAITING, 1);
      this.#signal();
      AtomicsWait(control, CONSUMED, consumed);
    }
    if (waited) AtomicsStore(control, WAITING, 0);
    const start = written & (RING_BYTES - 1);
    const word = start >>> 2;
    this.#words[word] = nr;
    this.#words[word + 1] = size;
    this.#words[word + 2] = sequence;
    this.#doubles[(start >>> 3) + 2] = a;
    this.#doubles[(start >>> 3) + 3] = b;
    if (bytes !== undefined && size !== 0)
      this.#copy((start + RECORD_ALIGNMENT) & (RING_BYTES - 1), bytes, size);
    AtomicsStore(control, WRITTEN, (written + room) | 0);
    this.#signal();
  }

  #copy(at: number, bytes: Uint8Array, size: number): void {
    const ring = this.#bytes;
    if (size <= SHORT_COPY) {
      for (let i = 0; i < size; i++) ring[(at + i) & (RING_BYTES - 1)] = bytes[i] as number;
      return;
    }
    const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
    const offset = TypedArrayPrototypeGetByteOffset(bytes);
    let first = RING_BYTES - at;
    if (first > size) first = size;
    TypedArrayPrototypeSet(ring, new ByteView(buffer, offset, first), at);
    if (first < size) TypedArrayPrototypeSet(ring, new ByteView(buffer, offset + first, size - first), 0);
  }

  #signal(): void {
    if (AtomicsExchange(this.control, WAKE, 1) !== 0) return;
    let sent = false;
    try {
      this.#wake();
      sent = true;
    } finally {
      // Without a message on its way the word must not say that there is one.
      if (!sent) AtomicsStore(this.control, WAKE, 0);
    }
  }

  /** Sleeps while the gate is closed: for ever where the thread is to die. */
  #waitAtGate(): void {
    for (;;) {
      const gate = AtomicsLoad(this.control, GATE);
      if (gate === 0) return;
      AtomicsWait(this.control, GATE, gate);
    }
  }
}
