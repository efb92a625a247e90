import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Delivery } from "../../../src/runtime/call/delivery.js";
import type { OutputCallback } from "../../../src/runtime/options/call-options.js";

function setUp(callbacks: { stdout?: OutputCallback; stderr?: OutputCallback }) {
  const errors: unknown[] = [];
  const delivery = new Delivery({ stdout: callbacks.stdout, stderr: callbacks.stderr }, (error) =>
    errors.push(error),
  );
  const state = { consumed: 0 };
  const push = (name: "stdout" | "stderr", data: string | Uint8Array) =>
    delivery.push(name, Buffer.from(data as Uint8Array), (bytes) => {
      state.consumed += bytes;
    });
  return { delivery, errors, state, push };
}

test("callbacks get the output of both streams in the order of writing", async () => {
  const seen: string[] = [];
  const { delivery, push, state } = setUp({
    stdout: (text) => seen.push(`o${text}`),
    stderr: (text) => seen.push(`e${text}`),
  });
  push("stdout", "1");
  push("stderr", "2");
  push("stdout", "3");
  await delivery.end();
  expect(seen).toEqual(["o1", "e2", "o3"]);
  expect(state.consumed).toBe(3);
});

test("a callback that never quite keeps up has nothing kept that it was given", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { delivery, push, state } = setUp({ stdout: () => setImmediate() });
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  push("stdout", "first");
  for (let turn = 0; turn < 1000; turn++) {
    push("stdout", Buffer.alloc(64 * 1024, `${turn} `));
    await setImmediate();
  }
  expect(used() - before).toBeLessThan(16 * 1024 * 1024);
  await delivery.end();
  expect(state.consumed).toBe(5 + 1000 * 64 * 1024);
});

test("a stream without a callback is consumed at once", () => {
  const { push, state } = setUp({ stdout: () => new Promise(() => {}) });
  push("stderr", "12345");
  expect(state.consumed).toBe(5);
});

test("characters are whole, also when they come in pieces", async () => {
  const seen: string[] = [];
  const { delivery, push } = setUp({ stdout: (text) => seen.push(text) });
  const bytes = Buffer.from("a😀");
  push("stdout", bytes.subarray(0, 3));
  push("stdout", bytes.subarray(3));
  push("stdout", Uint8Array.of(0xe2, 0x82));
  await delivery.end();
  expect(seen).toEqual(["a", "😀", "\uFFFD"]);
});

test("a promise holds up the next call, and what waits is not consumed", async () => {
  const seen: string[] = [];
  let release = () => {};
  const { delivery, push, state } = setUp({
    stdout: (text) => {
      seen.push(text);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    stderr: (text) => seen.push(`e${text}`),
  });
  push("stdout", "first");
  push("stdout", "second");
  push("stdout", "third");
  push("stderr", "fourth");
  await setImmediate();
  expect(seen).toEqual(["first"]);
  expect(state.consumed).toBe(0);
  release();
  await setImmediate();
  // What came meanwhile is handed over in one piece.
  expect(seen).toEqual(["first", "secondthird"]);
  expect(state.consumed).toBe(5);
  const ended = delivery.end();
  release();
  await ended;
  expect(seen).toEqual(["first", "secondthird", "efourth"]);
  expect(state.consumed).toBe(22);
});

test("a callback that throws or rejects stops the delivery and is told once", async () => {
  for (const callback of [
    () => {
      throw new Error("mine");
    },
    () => Promise.reject(new Error("mine")),
  ]) {
    const { delivery, errors, push, state } = setUp({ stdout: callback });
    push("stdout", "a");
    push("stdout", "b");
    await setImmediate();
    push("stdout", "c");
    await delivery.end();
    expect(errors).toEqual([new Error("mine")]);
    expect(state.consumed).toBe(3);
  }
});

test("after release nothing is held back, and all is still delivered in order", async () => {
  const seen: string[] = [];
  const { delivery, push, state } = setUp({
    stdout: async (text) => {
      await setImmediate();
      seen.push(text);
    },
  });
  push("stdout", "a");
  push("stdout", "b");
  expect(state.consumed).toBe(0);
  delivery.release();
  expect(state.consumed).toBe(2);
  push("stdout", "c");
  expect(state.consumed).toBe(3);
  await delivery.end();
  expect(seen.join("")).toBe("abc");
  expect(state.consumed).toBe(3);
});

test("what is taken after release is bounded", () => {
  const { delivery, push, state } = setUp({ stdout: () => new Promise(() => {}) });
  delivery.release();
  for (let count = 0; count < 100; count++) push("stdout", Buffer.alloc(256 * 1024));
  expect(state.consumed).toBeLessThanOrEqual(5 * 1024 * 1024);
});

test("a flood of single bytes costs little while a callback waits", async () => {
  let release = () => {};
  const pieces: number[] = [];
  const { delivery, push, state } = setUp({
    stdout: (text) => {
      pieces.push(text.length);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  for (let count = 0; count < 100_000; count++) push("stdout", "x");
  const ended = delivery.end();
  for (let count = 0; count < 5; count++) {
    release();
    await setImmediate();
  }
  await ended;
  expect(pieces.length).toBeLessThanOrEqual(3);
  expect(state.consumed).toBe(100_000);
});

test("a callback may stop the delivery from inside", async () => {
  const seen: string[] = [];
  const { delivery, push } = setUp({
    stdout: (text) => {
      seen.push(text);
      delivery.stop();
    },
  });
  push("stdout", "a");
  push("stdout", "b");
  await delivery.end();
  expect(seen).toEqual(["a"]);
});
