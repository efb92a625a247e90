import { Worker } from "node:worker_threads";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type MachineImage, resolveImage } from "../../src/machine/image.js";
import { Machine } from "../../src/machine/machine.js";
import { isDying } from "../../src/machine/status.js";
import type { MachineConfiguration, MachineExit } from "../../src/machine/types.js";

/* Real machines, of the image that the build made, whose guests take all that they get. */

const MiB = 1024 * 1024;
let image: MachineImage;
let machine: Machine | null = null;

beforeAll(async () => {
  image = await resolveImage();
});
afterEach(async () => {
  machine?.kill("killed");
  await machine?.exited;
  machine?.disk?.close();
  machine = null;
});

async function launch(watch: NonNullable<MachineConfiguration["watch"]>): Promise<Machine> {
  machine = await Machine.launch({ jail: "required", disk: { bytes: 64 * MiB, inodes: 1000 } }, image);
  // The soft limit of a process stands far above what is watched here.
  const limits = { memory: 2 ** 40, processes: 64, threads: 64, openFiles: 64 };
  await machine.configure({ hostname: "guest", env: {}, limits, watch });
  return machine;
}

/** Resolves with the machine's end, null when the program ends before. */
function run(target: Machine, code: string): Promise<MachineExit | null> {
  return new Promise((resolve) => {
    const entry = { kind: "code", filePath: null } as const;
    const request = { code, entry, args: [], env: {}, cwd: "/", valueLimit: 0 };
    const call = target.start(
      { ...request, timeout: null, memory: 2 ** 40 },
      {
        stdout: (bytes, consumed) => consumed(bytes.length),
        stderr: (bytes, consumed) => consumed(bytes.length),
        stuck: () => target.kill("killed"),
        exit: () => resolve(null),
        lost: resolve,
      },
    );
    call.endStdin();
  });
}

/** Follows the memory of a process from a thread of its own; answers the most that it saw, in bytes. */
function follow(pid: number): () => Promise<number> {
  const worker = new Worker(
    `const { openSync, readSync } = require("node:fs");
     const { parentPort, workerData: pid } = require("node:worker_threads");
     const fd = openSync("/proc/" + pid + "/status", "r");
     const buffer = Buffer.alloc(8192);
     let most = 0;
     const timer = setInterval(() => {
       try {
         const text = buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
         for (const field of /^RssAnon:\\s+(\\d+)/mu.exec(text)?.slice(1) ?? []) most = Math.max(most, Number(field));
       } catch { clearInterval(timer); }
     }, 1);
     parentPort.once("message", () => { clearInterval(timer); parentPort.postMessage(most * 1024); });`,
    { eval: true, workerData: pid },
  );
  return async () => {
    const answer = new Promise<number>((resolve) => worker.once("message", resolve));
    worker.postMessage(null);
    const most = await answer;
    await worker.terminate();
    return most;
  };
}

describe("filling memory at full speed", () => {
  const limit = 1024 * MiB;
  const floods: Record<string, string> = {
    Buffers: "const a = []; for (;;) a.push(Buffer.alloc(64 << 20, 1));",
    "memories of WebAssembly":
      "const a = []; for (;;) { const m = new WebAssembly.Memory({ initial: 4096 }); new Uint8Array(m.buffer).fill(1); a.push(m); }",
    "shared memory":
      "const a = []; for (;;) { const b = new Uint8Array(new SharedArrayBuffer(1 << 28)); b.fill(1); a.push(b); }",
  };
  for (const [name, code] of Object.entries(floods)) {
    for (const processes of [1, 4]) {
      test(`with ${name} in ${processes} at once goes over the limit by 128 MiB at most`, async () => {
        const target = await launch({ memory: limit });
        const most = follow(target.pid);
        const ends = await Promise.all(Array.from({ length: processes }, () => run(target, code)));
        for (const end of ends) expect(end?.reason).toBe("memory");
        const peak = await most();
        expect(peak).toBeGreaterThan(limit / 2);
        expect(peak).toBeLessThan(limit + 128 * MiB);
      });
    }
  }
});

test("memory that is only read costs page tables, and those count", async () => {
  const target = await launch({ memory: 200 * MiB });
  const end = await run(
    target,
    `const kept = [];
     for (let size = 0; size < 150; size++) {
       const bytes = new Uint8Array(new SharedArrayBuffer(2 ** 30));
       for (let at = 0; at < bytes.length; at += 1 << 21) bytes[at] === 0 || kept.push(at);
       kept.push(bytes);
     }`,
  );
  expect(end?.reason).toBe("memory");
});

test("the disk is not counted", async () => {
  const target = await launch({ memory: 100 * MiB });
  const end = await run(
    target,
    `import fs from "node:fs";
     const bytes = Buffer.alloc(1 << 20, 1);
     for (let count = 0; count < 54; count++) fs.appendFileSync("/tmp/large", bytes);
     await new Promise((resolve) => setTimeout(resolve, 100));`,
  );
  expect(end).toBe(null);
});

test("a machine with more threads than it may have is killed", async () => {
  const target = await launch({ threads: 24 });
  expect(await run(target, "1")).toBe(null);
  const idle = "await new Promise((resolve) => setTimeout(resolve, 20_000));";
  const first = Date.now();
  const ends = await Promise.all(Array.from({ length: 24 }, () => run(target, idle)));
  for (const end of ends) expect(end?.reason).toBe("threads");
  expect(Date.now() - first).toBeLessThan(15_000);
});

test("a thread that is about to end is known by the signal that waits for it", () => {
  const status = (pending: string) => `Name:\tnode\nState:\tR (running)\nSigPnd:\t${pending}\nShdPnd:\t0\n`;
  expect(isDying(status("0000000000000100"))).toBe(true);
  expect(isDying(status("0000000000004102"))).toBe(true);
  expect(isDying(status("0000000000000200"))).toBe(false);
  expect(isDying("Name:\tnode\nState:\tR (running)\n")).toBe(false);
});
