import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createThreadPage, GuestChannel, KernelChannel, LATER, STALL } from "../../src/syscall/channel.js";
import { SYS_KILL, SYS_WRITE } from "../../src/syscall/numbers.js";
import {
  MAX_PAYLOAD,
  RING_BYTES,
  RING_OFFSET,
  recordBytes,
  WAITING,
  WAKE,
  WRITTEN,
} from "../../src/syscall/thread-page.js";
import { bundle } from "./bundle.js";

let source = "";
beforeAll(async () => {
  source = await bundle("./writer.worker.ts");
});

function startWriter(task: string, seed = 1) {
  const page = createThreadPage();
  const worker = new Worker(source, { eval: true, execArgv: [], workerData: { page, task, seed } });
  return { page, worker, kernel: new KernelChannel(page) };
}

function isWhole(number: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== ((number * 31 + i) & 255)) return false;
  return true;
}

describe("between two threads", () => {
  it("carries records of all lengths in order, around the ring's end", async () => {
    const { worker, kernel } = startWriter("records");
    const numbers: number[] = [];
    let torn = 0;
    worker.on("message", () => {
      kernel.drain((nr, a, b, bytes, sequence) => {
        if (nr !== SYS_WRITE || b !== -0.5 || sequence !== 0 || !isWhole(a, bytes)) torn++;
        numbers.push(a);
        return 0;
      });
    });
    await once(worker, "exit");
    kernel.drain((_nr, a) => numbers.push(a));
    expect(torn).toBe(0);
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  it("answers sync calls, with bytes, mixed with posted ones", async () => {
    const { worker, kernel } = startWriter("calls");
    const reply = new Uint8Array(100);
    let verdict: unknown;
    worker.on("message", (message: unknown) => {
      if (message !== 0) verdict = message;
      kernel.drain((nr, a, _b, _bytes, sequence) => {
        if (nr !== SYS_KILL) return 0;
        if (a % 2 === 0) {
          kernel.reply(sequence, a * 2, reply.subarray(0, a % 100));
          return LATER;
        }
        setImmediate(() => kernel.reply(sequence, a * 2, reply.subarray(0, a % 100)));
        return LATER;
      });
    });
    await once(worker, "exit");
    expect(verdict).toBe("right");
  });

  it("stops a writer while the ring is full, and lets it go on", async () => {
    const { worker, kernel } = startWriter("records");
    let open = false;
    let count = 0;
    const handler = () => {
      if (!open) return STALL;
      count++;
      return 0;
    };
    let done = false;
    worker.on("message", (message: unknown) => {
      if (message === "done") done = true;
      if (!kernel.stalled) kernel.drain(handler);
    });
    await once(worker, "message");
    await sleep(150);
    expect({ done, stalled: kernel.stalled, count }).toEqual({ done: false, stalled: true, count: 0 });
    open = true;
    kernel.drain(handler);
    await once(worker, "exit");
    kernel.drain(handler);
    expect({ done, count }).toEqual({ done: true, count: 3000 });
  });

  it("leaves whole records when the writer is terminated anywhere", async () => {
    for (let round = 0; round < 12; round++) {
      const { worker, kernel } = startWriter("endless", round + 1);
      let expected = 0;
      let wrong = 0;
      const handler = (_nr: number, a: number, b: number, bytes: Uint8Array) => {
        if (a !== expected || b !== bytes.length || !isWhole(a, bytes)) wrong++;
        expected++;
        return 0;
      };
      worker.on("message", () => kernel.drain(handler));
      await once(worker, "message");
      await sleep(round * 1.7);
      await worker.terminate();
      kernel.drain(handler);
      expect({ wrong, broken: kernel.broken, pending: kernel.pending }).toEqual({
        wrong: 0,
        broken: false,
        pending: false,
      });
      expect(expected).toBeGreaterThan(0);
    }
  });

  it("shows records whose wake-up was lost", async () => {
    const { worker, kernel } = startWriter("silent");
    await once(worker, "exit");
    expect(kernel.pending).toBe(true);
    const seen: number[] = [];
    kernel.drain((_nr, a) => seen.push(a));
    expect({ seen, pending: kernel.pending }).toEqual({ seen: [7], pending: false });
  });

  it("holds when the stack overflows inside it", async () => {
    const { worker, kernel } = startWriter("deep");
    let verdict: unknown;
    worker.on("message", (message: unknown) => {
      if (message !== 0) verdict = message;
      kernel.drain(() => 5);
    });
    const drains = setInterval(() => kernel.pending && kernel.drain(() => 5), 10);
    await once(worker, "exit");
    clearInterval(drains);
    expect(verdict).toBe("right");
  });

  it("runs on captured intrinsics when the guest has replaced them all", async () => {
    const { worker, kernel } = startWriter("poisoned");
    let writes = 0;
    let error: unknown;
    worker.on("error", (thrown) => {
      error = thrown;
    });
    worker.on("message", () => {
      kernel.drain((nr) => {
        if (nr === SYS_WRITE) writes++;
        return 0;
      });
    });
    await once(worker, "exit");
    kernel.drain(() => writes++);
    expect(error).toBeUndefined();
    expect(writes).toBe(101);
  });

  it("parks a thread whose gate is closed", async () => {
    const { worker, kernel } = startWriter("endless");
    await once(worker, "message");
    kernel.kill();
    await sleep(30);
    let left = 0;
    for (let i = 0; i < 5; i++) kernel.drain(() => left++);
    await sleep(30);
    let later = 0;
    kernel.drain(() => later++);
    expect(left).toBeGreaterThan(0);
    expect(later).toBe(0);
    await worker.terminate();
  });
});

describe("the kernel's end", () => {
  it("leaves the record that a handler stalls on, and asks for no wake-ups meanwhile", () => {
    const page = createThreadPage();
    let wakes = 0;
    const guest = new GuestChannel(page, () => wakes++);
    const kernel = new KernelChannel(page);
    guest.post(SYS_WRITE, 1, 0);
    guest.post(SYS_WRITE, 2, 0);
    expect(wakes).toBe(1);
    const seen: number[] = [];
    kernel.drain((_nr, a) => (a === 2 ? STALL : seen.push(a)));
    guest.post(SYS_WRITE, 3, 0);
    expect({ wakes, seen, stalled: kernel.stalled }).toEqual({ wakes: 1, seen: [1], stalled: true });
    kernel.drain((_nr, a) => seen.push(a));
    guest.post(SYS_WRITE, 4, 0);
    expect({ wakes, seen, stalled: kernel.stalled }).toEqual({ wakes: 2, seen: [1, 2, 3], stalled: false });
  });

  it("leaves it to a thread that sleeps to say that it sleeps no more", () => {
    const page = createThreadPage();
    const guest = new GuestChannel(page, () => undefined);
    const kernel = new KernelChannel(page);
    guest.post(SYS_WRITE, 1, 0);
    // It has seen the counter as the kernel has just left it, and is about to sleep on that.
    guest.control[WAITING] = 1;
    kernel.drain(() => 0);
    expect(guest.control[WAITING]).toBe(1);
  });

  it("handles what was there at the call only, so that no writer keeps it busy", () => {
    const page = createThreadPage();
    const guest = new GuestChannel(page, () => undefined);
    const kernel = new KernelChannel(page);
    guest.post(SYS_WRITE, 0, 0);
    let handled = 0;
    const handler = () => {
      handled++;
      guest.post(SYS_WRITE, handled, 0);
      return 0;
    };
    kernel.drain(handler);
    expect(handled).toBe(1);
    kernel.drain(handler);
    expect(handled).toBe(2);
  });

  it("keeps payloads at each length whole at each place of the ring", () => {
    const page = createThreadPage();
    const guest = new GuestChannel(page, () => undefined);
    const kernel = new KernelChannel(page);
    const bytes = new Uint8Array(MAX_PAYLOAD).map((_, i) => (i * 7) & 255);
    for (let i = 0; i < 400; i++) {
      const length = [0, 1, 31, 32, 33, 47, 48, 49, 63, 1000, 65535, 65536][i % 12] as number;
      guest.post(SYS_WRITE, 1, 2, bytes, length);
      kernel.drain((_nr, _a, _b, got) => {
        expect(got.length).toBe(length);
        expect(Buffer.compare(got, bytes.subarray(0, length))).toBe(0);
        return 0;
      });
    }
  });

  it("is harmed by no control words and no ring contents", () => {
    const int = fc.oneof(
      fc.integer(),
      fc.constantFrom(0, 1, -1, 32, RING_BYTES, RING_BYTES + 32, 0x7fffffff, -0x80000000),
    );
    fc.assert(
      fc.property(
        fc.array(int, { minLength: 16, maxLength: 16 }),
        fc.array(int, { minLength: 8, maxLength: 256 }),
        fc.integer({ min: 0, max: 6 }),
        (words, ring, honest) => {
          const page = createThreadPage();
          const kernel = new KernelChannel(page);
          const guest = new GuestChannel(page, () => undefined);
          for (let i = 0; i < honest; i++) guest.post(SYS_WRITE, i, 0);
          new Int32Array(page, RING_OFFSET).set(ring, honest * 8);
          const control = new Int32Array(page, 0, RING_OFFSET / 4);
          control.set(words);
          let calls = 0;
          for (let i = 0; i < 3; i++) {
            kernel.drain((_nr, _a, _b, bytes) => {
              calls++;
              expect(bytes.length).toBeLessThanOrEqual(MAX_PAYLOAD);
              control.set(words);
              return 0;
            });
            kernel.reply(words[0] as number, words[1] as number, new Uint8Array(100_000));
          }
          kernel.kill();
          expect(calls).toBeLessThanOrEqual((3 * RING_BYTES) / 32);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("calls a page broken whose counter runs ahead of the ring or off its grid", () => {
    for (const written of [-32, RING_BYTES + 32, 0x7fffffff, 16, 33]) {
      const page = createThreadPage();
      new Int32Array(page)[WRITTEN] = written;
      const kernel = new KernelChannel(page);
      let calls = 0;
      kernel.drain(() => calls++);
      expect({ broken: kernel.broken, calls, pending: kernel.pending }).toEqual({
        broken: true,
        calls: 0,
        pending: false,
      });
    }
  });

  it("survives counters that wrap around 32 bits", () => {
    const page = createThreadPage();
    const control = new Int32Array(page);
    const guest = new GuestChannel(page, () => undefined);
    const kernel = new KernelChannel(page);
    const bytes = new Uint8Array(MAX_PAYLOAD);
    const rounds = Math.ceil(2 ** 32 / recordBytes(MAX_PAYLOAD)) + 10;
    let handled = 0;
    for (let i = 0; i < rounds; i++) {
      guest.post(SYS_WRITE, 0, 0, bytes);
      kernel.drain(() => handled++);
    }
    expect({ handled, broken: kernel.broken, wake: control[WAKE] }).toEqual({
      handled: rounds,
      broken: false,
      wake: 0,
    });
  });

  it("knows a wake-up that failed", () => {
    const page = createThreadPage();
    let fails = true;
    let wakes = 0;
    const guest = new GuestChannel(page, () => {
      if (fails) throw new RangeError("Maximum call stack size exceeded");
      wakes++;
    });
    expect(() => guest.post(SYS_WRITE, 1, 0)).toThrow(RangeError);
    fails = false;
    guest.post(SYS_WRITE, 2, 0);
    expect(wakes).toBe(1);
  });
});
