import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeImages, fakeImages } from "./fake/image.js";

/*
 * A host's own process, in the Node that runs this and in the one that runs npm, which may be older.
 */
const nodes = new Set([process.execPath, process.env["npm_node_execpath"] ?? process.execPath]);
const directory = mkdtempSync(join(tmpdir(), "secure-exec-host-"));
let images: FakeImages;

beforeAll(async () => {
  images = await fakeImages();
  const bundle = await rolldown({
    input: {
      machine: fileURLToPath(new URL("../../src/machine/machine.ts", import.meta.url)),
      spares: fileURLToPath(new URL("../../src/machine/spares.ts", import.meta.url)),
    },
    platform: "node",
  });
  await bundle.write({ dir: directory, format: "esm", entryFileNames: "[name].mjs" });
  await bundle.close();
});
afterAll(() => {
  images.remove();
  rmSync(directory, { recursive: true });
});

interface HostEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** Runs a host's script; one that doesn't end is killed and fails. */
function host(node: string, body: string): Promise<HostEnd> {
  const path = join(directory, `host-${Math.random().toString(36).slice(2)}.mjs`);
  const image = JSON.stringify(images.image());
  writeFileSync(
    path,
    `import { Machine } from "./machine.mjs";
import { SpareMachines } from "./spares.mjs";
const options = { jail: "unsafe-none", disk: { bytes: 1 << 20, inodes: 100 } };
const launch = (given = options) => Machine.launch(given, ${image});
const request = (...actions) => ({
  code: JSON.stringify(actions), args: [], env: {}, cwd: "/", timeout: null, memory: 1e9, entry: { kind: "code", filePath: null }, valueLimit: 0,
});
const handlers = {
  stdout: (bytes, consumed) => { console.log(Buffer.from(bytes).toString()); consumed(bytes.length); },
  stderr: () => {}, stuck: () => {}, lost: (exit) => console.log("lost", exit.reason),
  exit: (exit) => console.log("exit", exit.exitCode),
};
${body}`,
  );
  return new Promise((resolve) => {
    const begun = performance.now();
    const child = execFile(node, [path], { timeout: 10_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr, ms: performance.now() - begun });
    });
  });
}

/** The processes in a line of output that still live a little later. */
async function survivors(stdout: string): Promise<number[]> {
  const pids = [...stdout.matchAll(/pid (\d+)/gu)].map((match) => Number(match[1]));
  expect(pids.length).toBeGreaterThan(0);
  // A zombie is dead: only whoever adopted it hasn't noticed yet.
  const alive = (pid: number): boolean => {
    try {
      return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "latin1"));
    } catch {
      return false;
    }
  };
  for (let round = 0; round < 100 && pids.some(alive); round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return pids.filter(alive);
}

for (const node of nodes) {
  describe(`a host on ${node}`, () => {
    test("ends when its machine is idle, and the machine with it", async () => {
      const end = await host(
        node,
        `const machine = await launch();
console.log("pid", machine.pid);
machine.start(request({ do: "stdout", text: "hi" }, { do: "exit", code: 3 }), handlers);`,
      );
      expect(end).toMatchObject({ code: 0, stderr: "" });
      expect(end.stdout).toMatch(/hi\nexit 3/u);
      expect(await survivors(end.stdout)).toEqual([]);
    });

    test("waits for what it asked for", async () => {
      const end = await host(
        node,
        `const machine = await launch();
console.log("pid", machine.pid);
await machine.configure({ hostname: "h", env: {}, limits: {} });
await machine.ping();
console.log((await machine.fs({ op: "readFile", path: "/1000000", limit: 1000000 })).data.length);
const call = machine.start(request({ do: "echo" }, { do: "exit", code: 0 }), handlers);
await call.writeStdin(Buffer.from("in"));
call.endStdin();
await new Promise((resolve) => setTimeout(resolve, 100));
machine.kill("killed");
console.log((await machine.exited).signal);`,
      );
      expect(end).toMatchObject({ code: 0, stderr: "" });
      expect(end.stdout).toMatch(/1000000\nin\nexit 0\nSIGKILL\n$/u);
    });

    test("waits for the end of a machine that dies in a call", async () => {
      for (const action of ['{ do: "abort" }', '{ do: "quit", code: 4 }', '{ do: "close" }']) {
        const end = await host(
          node,
          `const machine = await launch();
console.log("pid", machine.pid);
machine.start(request(${action}), handlers);`,
        );
        expect(end).toMatchObject({ code: 0, stderr: "" });
        expect(end.stdout).toMatch(/lost crashed/u);
      }
    });

    test("that exits, throws or is killed takes its machines with it", async () => {
      const ways = [
        "process.exit(0)",
        'throw new Error("x")',
        "process.kill(process.pid, 'SIGKILL')",
        "process.kill(process.pid, 'SIGTERM')",
        "process.abort()",
      ];
      for (const way of ways) {
        const end = await host(
          node,
          `for (let count = 0; count < 3; count++) console.log("pid", (await launch()).pid);
const busy = await launch();
console.log("pid", busy.pid);
busy.start(request({ do: "echo" }), handlers);
process.stdout.write("", () => { ${way}; });`,
        );
        expect(await survivors(end.stdout)).toEqual([]);
      }
    });

    test("doesn't wait for a spare machine, ready or under way", async () => {
      for (const wait of [0, 110, 400]) {
        const end = await host(
          node,
          `const spares = new SpareMachines(async (given) => {
  const machine = await launch(given);
  console.log("pid", machine.pid);
  return machine;
});
await spares.take(options);
await new Promise((resolve) => setTimeout(resolve, ${wait}));
globalThis.ended = performance.now();
process.on("exit", () => console.log("late", performance.now() - ended > 60));`,
        );
        expect(end).toMatchObject({ code: 0, stderr: "" });
        expect(end.stdout).toContain("late false");
        expect(await survivors(end.stdout)).toEqual([]);
      }
    });

    test("is told of a failed launch", async () => {
      const end = await host(
        node,
        `const image = ${JSON.stringify({ ...images.image(), node: "/no/such/node" })};
try { await Machine.launch(options, image); } catch (error) { console.log(error.code, error.cause.code); }`,
      );
      expect(end.stdout).toBe("ERR_SECURE_EXEC_MACHINE_EXITED ENOENT\n");
    });
  });
}
