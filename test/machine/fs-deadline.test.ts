import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FsDeadline, SILENCE_SECONDS, TREE_SILENCE_SECONDS } from "../../src/machine/fs-deadline.js";

const WHOLE = SILENCE_SECONDS * 1000;
let silences = 0;
let deadline: FsDeadline;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  silences = 0;
  deadline = new FsDeadline(() => silences++);
});
afterEach(() => {
  vi.useRealTimers();
});

test("an operation that stays silent is told of, once", () => {
  deadline.begin(1, SILENCE_SECONDS);
  vi.advanceTimersByTime(WHOLE - 1);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(2 * WHOLE);
  expect(silences).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("bytes give it another whole time, an answer ends it", () => {
  deadline.begin(1, SILENCE_SECONDS);
  for (let count = 0; count < 5; count++) {
    vi.advanceTimersByTime(WHOLE - 1000);
    deadline.progress(1);
  }
  deadline.end(1);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(2 * WHOLE);
  expect(silences).toBe(0);
});

test("progress counts for what came later, not for what came before", () => {
  deadline.begin(1, SILENCE_SECONDS);
  deadline.begin(2, SILENCE_SECONDS);
  vi.advanceTimersByTime(WHOLE - 1000);
  deadline.progress(1);
  vi.advanceTimersByTime(WHOLE - 1000);
  expect(silences).toBe(0);
  deadline.end(2);
  vi.advanceTimersByTime(2000);
  expect(silences).toBe(1);
});

test("the removal of a tree has more time", () => {
  deadline.begin(1, TREE_SILENCE_SECONDS);
  vi.advanceTimersByTime(TREE_SILENCE_SECONDS * 1000 - 1);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(1);
  expect(silences).toBe(1);
});
