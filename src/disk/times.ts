import { MathFloor, MathMax, MathMin } from "../primordials/primordials.js";
import { S_CLOCK_TICK, SD_CLOCK } from "./layout.js";
import type { Volume } from "./volume.js";

/*
 * A time is two words, as ext4 has it: the low 32 bits of the seconds, and the nanoseconds with two more
 * bits of seconds above them, which reaches from 1901 to 2446.
 */

const NANO_BITS = 0x3fffffff;
const WRAP = 4294967296;
const EARLIEST = -2147483648;
const LATEST = WRAP * 4 - 2147483649;

function packLow(seconds: number): number {
  return seconds | 0;
}

function packHigh(seconds: number, nanos: number): number {
  const turns = MathFloor((seconds - EARLIEST) / WRAP);
  return (turns << 30) | nanos;
}

export function unpackSeconds(low: number, high: number): number {
  return low + (high >>> 30) * WRAP;
}

export function unpackNanos(high: number): number {
  const nanos = high & NANO_BITS;
  return nanos < 1000000000 ? nanos : 999999999;
}

/** Puts a time, in seconds with a fraction, at `place`. */
export function putTime(v: Volume, place: number, time: number): void {
  const seconds = MathFloor(time);
  const clamped = MathMin(MathMax(seconds, EARLIEST), LATEST);
  const nanos = clamped === seconds ? MathFloor((time - seconds) * 1e9) : 0;
  v.words[place] = packLow(clamped);
  v.words[place + 1] = packHigh(clamped, MathMin(nanos, 999999999));
}

/**
 * Sets `nowLow` and `nowHigh` for a change at `clock` (milliseconds). Changes within one millisecond get
 * times a microsecond apart, in their order, so that a program that compares times sees each of them.
 */
export function tick(v: Volume, clock: number): void {
  const { words, doubles } = v;
  const last = doubles[SD_CLOCK];
  let nanos = 0;
  let time = clock;
  if (clock <= last && last - clock < 1000) {
    time = last;
    nanos = words[S_CLOCK_TICK] + 1000;
    if (!(nanos >= 0 && nanos < 1000000)) nanos = 999000;
  } else {
    doubles[SD_CLOCK] = clock;
  }
  words[S_CLOCK_TICK] = nanos;
  const seconds = MathFloor(time / 1000);
  v.nowLow = packLow(seconds);
  v.nowHigh = packHigh(seconds, (time - seconds * 1000) * 1000000 + nanos);
}
