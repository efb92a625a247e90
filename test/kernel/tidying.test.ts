import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { trimHeap } from "../../src/jail/heap.js";
import { Tidying } from "../../src/kernel/tidying.js";

vi.mock("../../src/jail/heap.js", () => ({ trimHeap: vi.fn() }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.mocked(trimHeap).mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Something that nobody holds, made in a turn that is over. */
async function litter(): Promise<WeakRef<object>> {
  const made = new WeakRef({ bytes: new Array(1000).fill("litter") });
  await new Promise((resolve) => setImmediate(resolve));
  return made;
}

test("garbage is collected and memory given back once nothing has happened for a second", async () => {
  const garbage = await litter();
  const tidying = new Tidying(() => true);
  tidying.later();
  vi.advanceTimersByTime(999);
  expect(trimHeap).not.toHaveBeenCalled();
  expect(garbage.deref()).toBeDefined();
  // What was asked about lives to the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(1);
  expect(trimHeap).toHaveBeenCalledTimes(1);
  expect(garbage.deref()).toBeUndefined();
});

test("whatever happens puts it off, and it comes once", () => {
  const tidying = new Tidying(() => true);
  for (let i = 0; i < 20; i++) {
    tidying.later();
    vi.advanceTimersByTime(900);
  }
  expect(trimHeap).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(trimHeap).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(trimHeap).toHaveBeenCalledTimes(1);
  tidying.later();
  vi.advanceTimersByTime(1000);
  expect(trimHeap).toHaveBeenCalledTimes(2);
});

test("while a process runs the kernel's thread stays with it", async () => {
  const garbage = await litter();
  const tidying = new Tidying(() => false);
  tidying.later();
  vi.advanceTimersByTime(1000);
  expect(garbage.deref()).toBeDefined();
  expect(trimHeap).toHaveBeenCalledTimes(1);
});

test("waiting for it keeps no process alive", () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  new Tidying(() => true).later();
  expect(timers.mock.results[0]?.value.hasRef()).toBe(false);
});
