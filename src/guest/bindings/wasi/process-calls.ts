import { BigIntFrom, DateNow, MathFloor } from "../../../primordials/primordials.js";
import { internalBinding, primordials } from "../../internals.js";
import type { ProcessClock } from "../../process/clock.js";
import type { ProcessUsage } from "../../process/usage.js";
import type { ProcessCalls } from "./context.js";

const Doubles = Float64Array;
const nanosecondsOfMilli = 1_000_000n;
const nanosecondsOfMicro = 1000n;

/** The parts of the process that WASI's calls stand on. */
export function processCalls(given: {
  clock: ProcessClock;
  usage: ProcessUsage;
  exit(code: number): void;
  raise(signal: number): number;
}): ProcessCalls {
  const { clock, usage } = given;
  const cpu = new Doubles(2);
  return {
    exit: given.exit,
    raise: given.raise,
    monotonic: () => BigIntFrom(MathFloor(clock.now() * 1e6)),
    realtime: () => BigIntFrom(DateNow()) * nanosecondsOfMilli,
    cpuTime() {
      usage.cpuUsage(cpu);
      return BigIntFrom((cpu[0] as number) + (cpu[1] as number)) * nanosecondsOfMicro;
    },
    random(bytes, offset, length) {
      const { RandomBytesJob, kCryptoJobSync } = internalBinding("crypto");
      const { TypedArrayPrototypeGetBuffer } = primordials;
      new RandomBytesJob(kCryptoJobSync, TypedArrayPrototypeGetBuffer(bytes), offset, length).run();
    },
  };
}
