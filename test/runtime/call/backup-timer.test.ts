import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BackupTimer } from "../../../src/runtime/call/backup-timer.js";

/** The last turn of the event loop, by the false clock. */
const TURN = 1;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** When a call with a timeout of a second is given up, whose process starts after `late` milliseconds. */
function expiry(late: number): number {
  let at = -1;
  const begun = performance.now();
  const timer = new BackupTimer({
    due: () => undefined,
    expired: () => {
      at = performance.now() - begun - TURN;
    },
  });
  timer.starting(1000);
  vi.advanceTimersByTime(late);
  timer.started(1000);
  vi.advanceTimersByTime(10_000);
  return at;
}

test("a process may run for its timeout from its start on", () => {
  expect(expiry(0)).toBe(1080);
  expect(expiry(500)).toBe(1580);
});

test("a machine that tells of the start late, or never, gains nothing by it", () => {
  expect(expiry(2900)).toBe(3080);
});
