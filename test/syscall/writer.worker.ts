/** A guest thread of the channel's tests: does what its workerData says. */
import { parentPort, workerData } from "node:worker_threads";
import { GuestChannel } from "../../src/syscall/channel.js";
import { SYS_KILL, SYS_WRITE } from "../../src/syscall/numbers.js";

const { page, task, seed } = workerData as { page: SharedArrayBuffer; task: string; seed: number };
const channel = new GuestChannel(page, () => parentPort?.postMessage(0));

/** A record's payload tells its own length and number, so that a torn one shows. */
function fill(bytes: Uint8Array, length: number, number: number): void {
  for (let i = 0; i < length; i++) bytes[i] = (number * 31 + i) & 255;
}

let random = seed;
function next(below: number): number {
  random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
  return random % below;
}

const bytes = new Uint8Array(65536);
if (task === "records") {
  for (let number = 0; number < 3000; number++) {
    const length = number % 7 === 0 ? next(65537) : next(200);
    fill(bytes, length, number);
    channel.post(SYS_WRITE, number, -0.5, bytes, length);
  }
  parentPort?.postMessage("done");
} else if (task === "endless") {
  for (let number = 0; ; number++) {
    const length = next(9000);
    fill(bytes, length, number);
    channel.post(SYS_WRITE, number, length, bytes, length);
  }
} else if (task === "calls") {
  const seen: number[] = [];
  for (let number = 0; number < 2000; number++) {
    channel.post(SYS_WRITE, 1, 0);
    const value = channel.call(SYS_KILL, number, 0);
    seen.push(value === number * 2 && channel.replyLength === number % 100 ? 1 : 0);
  }
  parentPort?.postMessage(seen.every((right) => right === 1) ? "right" : "wrong");
} else if (task === "silent") {
  // As when the thread is interrupted between a commit and its wake-up.
  const mute = new GuestChannel(page, () => undefined);
  mute.post(SYS_WRITE, 7, 0);
  parentPort?.postMessage("done");
} else if (task === "deep") {
  let overflows = 0;
  const dive = (): void => {
    try {
      channel.post(SYS_WRITE, 1, 0, bytes, 100);
      dive();
    } catch {
      overflows++;
      channel.post(SYS_WRITE, 2, 0, bytes, 100);
    }
  };
  for (let round = 0; round < 3; round++) {
    try {
      dive();
    } catch {
      overflows++;
    }
  }
  parentPort?.postMessage(channel.call(SYS_KILL, 0, 0) === 5 && overflows > 0 ? "right" : "wrong");
} else if (task === "poisoned") {
  const poison = (): never => {
    throw new Error("guest code ran");
  };
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
  for (const key of Object.getOwnPropertyNames(typedArray)) {
    if (key !== "constructor") Object.defineProperty(typedArray, key, { get: poison, configurable: true });
  }
  for (const key of ["load", "store", "wait", "notify", "exchange"])
    Object.assign(Atomics, { [key]: poison });
  Object.defineProperty(Object.prototype, "length", { get: poison, set: poison, configurable: true });
  globalThis.Uint8Array = poison as never;
  Function.prototype.call = poison;
  Function.prototype.apply = poison;
  Reflect.apply = poison;
  for (let number = 0; number < 100; number++) channel.post(SYS_WRITE, number, 0, bytes, 60000);
  channel.call(SYS_KILL, 0, 0, bytes, 20);
  channel.post(SYS_WRITE, 1000, 0);
}
