/** What the devices in /dev give and take. On the disk they are numbers. */
import { MathMin, TypedArrayPrototypeFill } from "../primordials/primordials.js";
import { ENOSPC, ENXIO } from "../syscall/errno.js";
import { fillRandom } from "./random.js";

const NULL = 0x103;
const ZERO = 0x105;
const FULL = 0x107;
const RANDOM = 0x108;
const URANDOM = 0x109;
export const TTY = 0x500;

/** What Linux gives of random bytes at a time. */
const MOST_RANDOM = 33_554_431;

/** Whether opening the device finds one: the terminal is no device here. */
export function hasDriver(device: number): boolean {
  return device === NULL || device === ZERO || device === FULL || device === RANDOM || device === URANDOM;
}

export function readDevice(device: number, bytes: Uint8Array, offset: number, length: number): number {
  switch (device) {
    case NULL:
      return 0;
    case ZERO:
    case FULL:
      TypedArrayPrototypeFill(bytes, 0, offset, offset + length);
      return length;
    case RANDOM:
    case URANDOM: {
      const count = MathMin(length, MOST_RANDOM);
      if (count > 0) fillRandom(bytes, offset, count);
      return count;
    }
    default:
      return -ENXIO;
  }
}

export function writeDevice(device: number, length: number): number {
  if (device === FULL) return -ENOSPC;
  return hasDriver(device) ? length : -ENXIO;
}
