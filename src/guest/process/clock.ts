import { internalBinding, primordials, requireBuiltin } from "../internals.js";

const {
  BigUint64Array: BigWords,
  FunctionPrototypeCall,
  MathMax,
  Number: toNumber,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
} = primordials;
const processMethods = internalBinding("process_methods");
const { hrtime, hrtimeBigInt, hrtimeBuffer } = processMethods;
const performanceBinding = internalBinding("performance");
const { milestones, constants } = performanceBinding;
const nativeNow: () => number = performanceBinding["now"];
const nativeLoopIdleTime: () => number = performanceBinding["loopIdleTime"];
const { Event } = requireBuiltin("internal/event_target");

// The natives that fill the buffer need the binding as their receiver, and end the machine without it.
const words: Uint32Array = hrtimeBuffer;
const bigWords: BigUint64Array = new BigWords(words.buffer, 0, 1);

const nanoseconds = 1e9;
const highWord = 2 ** 32;

/** The process's clocks: they begin at `restart`, not at the boot of the host or of the thread. */
export interface ProcessClock {
  hrtime(): void;
  hrtimeBigInt(): void;
  /** Seconds since the process began. */
  uptime(): number;
  /** `performance.now()`, ms since the process began. */
  now(): number;
  /** How long the event loop has waited since then, in ms. */
  loopIdleTime(): number;
  restart(): void;
  /** Where the process's clocks begin, for its other threads. */
  origin(): ClockOrigin;
  /** Makes the clocks those of the process that this thread belongs to. */
  follow(origin: ClockOrigin): void;
}

/** The process's beginning on the clocks of the machine. */
export interface ClockOrigin {
  seconds: number;
  nanoseconds: number;
  total: bigint;
  now: number;
}

export function createClock(): ProcessClock {
  let originSeconds = 0;
  let originNanoseconds = 0;
  let origin = 0n;
  let originNow = 0;
  let originIdle = 0;

  // Events take their time from the native, which they have had since before the boot.
  const { get, ...timeStamp } = ObjectGetOwnPropertyDescriptor(Event.prototype, "timeStamp");
  ObjectDefineProperty(Event.prototype, "timeStamp", {
    __proto__: null,
    ...timeStamp,
    get: ObjectGetOwnPropertyDescriptor(
      {
        get timeStamp() {
          return FunctionPrototypeCall(get, this) - originNow;
        },
      },
      "timeStamp",
    ).get,
  });

  function follow({ seconds, nanoseconds: nanos, total, now }: ClockOrigin): void {
    originSeconds = seconds;
    originNanoseconds = nanos;
    origin = total;
    originNow = now;
    originIdle = nativeLoopIdleTime();
    restartMilestones(toNumber(total));
  }

  return {
    // Seconds (high and low word) and nanoseconds, as the native fills them in.
    hrtime() {
      FunctionPrototypeCall(hrtime, processMethods);
      let seconds = (words[0] as number) * highWord + (words[1] as number) - originSeconds;
      let nanos = (words[2] as number) - originNanoseconds;
      if (nanos < 0) {
        nanos += nanoseconds;
        seconds -= 1;
      }
      words[0] = seconds / highWord;
      words[1] = seconds;
      words[2] = nanos;
    },
    hrtimeBigInt() {
      FunctionPrototypeCall(hrtimeBigInt, processMethods);
      bigWords[0] = (bigWords[0] as bigint) - origin;
    },
    now: () => nativeNow() - originNow,
    loopIdleTime: () => nativeLoopIdleTime() - originIdle,
    uptime: () => (nativeNow() - originNow) / 1000,

    restart() {
      FunctionPrototypeCall(hrtime, processMethods);
      const seconds = (words[0] as number) * highWord + (words[1] as number);
      const nanos = words[2] as number;
      FunctionPrototypeCall(hrtimeBigInt, processMethods);
      follow({ seconds, nanoseconds: nanos, total: bigWords[0] as bigint, now: nativeNow() });
    },
    origin: () => ({ seconds: originSeconds, nanoseconds: originNanoseconds, total: origin, now: originNow }),
    follow,
  };
}

/**
 * The moments, in ns, that Node computes its time origin and its timings from. They count from the
 * beginning too; what lies before has happened at it, in the first nanosecond, since 0 means never.
 */
function restartMilestones(origin: number): void {
  const timestamp: number = constants.NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN_TIMESTAMP;
  const start: number = constants.NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN;
  // This one is in µs since 1970.
  milestones[timestamp] += (origin - milestones[start]) / 1000;
  for (let i = 0; i < milestones.length; i++)
    if (i !== timestamp && milestones[i] !== -1) milestones[i] = MathMax(1, milestones[i] - origin);
  milestones[start] = 0;
}
