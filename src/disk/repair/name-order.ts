/** More than there are slots. */
const SLOTS = 1 << 21;

/** Names in no order yet, each as a number that has its sequence number first, then its slot. */
export interface NameOrder {
  /** Longer than `count`, with zeros. */
  readonly keys: Float64Array;
  readonly count: number;
}

export function orderKey(sequence: number, slot: number): number {
  return (sequence >>> 0) * SLOTS + slot;
}

export function slotOf(key: number): number {
  return key % SLOTS;
}
