/**
 * The memory that one guest thread and the kernel share: control words, the ring of submitted calls, and
 * the area of the reply.
 *
 * A record in the ring is 32 bytes of header (i32 number, i32 payload length, i32 sequence, i32 unused,
 * f64 a, f64 b) and its payload, filled up to a multiple of 32, so that a header never wraps. A payload
 * may. `WRITTEN` and `CONSUMED` count bytes and wrap at 2^32, which the ring's size divides.
 */

/** 1 while a wake-up is on its way to the kernel, or while the kernel wants none. */
export const WAKE = 0;
/**
 * Nonzero: this thread sleeps at its next call, or when it next takes the disk's lock. `HELD` until the word is 0
 * again, `DYING` until it is terminated.
 */
export const GATE = 1;
export const DYING = 1;
export const HELD = 2;
/** Bytes of whole records that the thread has submitted. The commit of a record is the store to it. */
export const WRITTEN = 2;
/** Bytes that the kernel has taken. */
export const CONSUMED = 3;
/** 1 while the thread sleeps on `CONSUMED` since the ring is full. */
export const WAITING = 4;
/** The sequence of the sync call answered last; the thread sleeps on it. */
export const REPLY = 5;
/** The answer: at least 0, or a negative errno. */
export const REPLY_VALUE = 6;
/** How many bytes of the reply area belong to the answer. */
export const REPLY_LENGTH = 7;

/** The control words take what lies before the ring. */
export const RING_OFFSET = 4096;
export const RING_BYTES = 256 * 1024;
export const REPLY_BYTES = 64 * 1024;
export const RECORD_ALIGNMENT = 32;
export const HEADER_BYTES = 32;
/** The longest payload of one record. */
export const MAX_PAYLOAD = 64 * 1024;

export const REPLY_OFFSET = RING_OFFSET + RING_BYTES;
const THREAD_PAGE_BYTES = REPLY_OFFSET + REPLY_BYTES;

/** Makes the memory for one guest thread. */
export function createThreadPage(): SharedArrayBuffer {
  return new SharedArrayBuffer(THREAD_PAGE_BYTES);
}

/** The room that a record with a payload of `length` bytes takes in the ring. */
export function recordBytes(length: number): number {
  return (HEADER_BYTES + length + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT;
}
