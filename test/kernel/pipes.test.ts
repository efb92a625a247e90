import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { bundleGuest, TestMachine } from "./harness.js";

let source = "";
let machine: TestMachine;
beforeAll(async () => {
  source = await bundleGuest();
});
beforeEach(async () => {
  machine = new TestMachine(source);
  await machine.configured;
  await machine.host.fs({ op: "mkfifo", path: "/tmp/p", mode: 0o666 });
});
afterEach(() => expect(machine.breach).toBe(null));

const SIGKILL = 9;

/** Ends a process once it has said that it has the pipe. */
async function endOnceOpen({ call, output, ended }: ReturnType<TestMachine["start"]>): Promise<void> {
  while (output.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  call.kill(SIGKILL, "killed");
  expect(await ended).toMatchObject({ exitCode: 137, stuck: null });
}

/** In a guest: opens the pipe, keeps it in the table of descriptors and waits for the other end. */
const open = (flags: number) => `
  const waiting = (act) => { for (;;) { const n = act(); if (n !== -512) return n; sys.disk.wait(); } };
  const file = sys.disk.open("/tmp/p", ${flags}, 0);
  sys.files.alloc(file);
  waiting(() => sys.disk.opened(file));
  const bytes = Buffer.alloc(100_000);
`;

it("a process that is ended while it writes is the end of what is read", async () => {
  const reader = machine.run(`${open(0)}
    let total = 0;
    for (let n; (n = waiting(() => sys.disk.read(file, bytes, 0, 100_000, -1))) > 0; ) total += n;
    sys.write(1, String(total >= 65536));`);
  const writer = machine.start(`${open(1)}
    for (let i = 0; ; i++) {
      waiting(() => sys.disk.write(file, bytes, 0, 100_000, -1));
      if (i === 2) sys.write(1, "here");
    }`);
  await endOnceOpen(writer);
  expect(await reader).toMatchObject({ exitCode: 0, stdout: "true" });
});

it("a process that waits for the other end can be ended", async () => {
  for (const flags of [0, 1]) {
    const { ended } = machine.start(open(flags), { timeout: 100 });
    expect(await ended).toMatchObject({ exitCode: 124, stuck: null });
  }
  // Nothing of it is left: a writer that doesn't wait finds nobody.
  const { stdout } = await machine.run(`sys.write(1, String(sys.disk.open("/tmp/p", 1 | 0o4000, 0)));`);
  expect(stdout).toBe("-6");
});

it("a reader that is ended breaks the writer's pipe", async () => {
  const writer = machine.run(`${open(1)}
    let result = 0;
    while (result >= 0) result = waiting(() => sys.disk.write(file, bytes, 0, 100_000, -1));
    sys.write(1, String(result));`);
  await endOnceOpen(
    machine.start(`${open(0)} sys.disk.read(file, bytes, 0, 10, -1); sys.write(1, "here"); for (;;);`),
  );
  expect(await writer).toMatchObject({ exitCode: 0, stdout: "-32" });
});

it("is listed and removed as other files are", async () => {
  const { entries } = await machine.host.fs({ op: "readdir", path: "/tmp" });
  expect(entries).toEqual([["p", "other"]]);
  await machine.host.fs({ op: "rm", path: "/tmp", recursive: true, force: false });
  expect(await machine.host.fs({ op: "exists", path: "/tmp/p" })).toMatchObject({ value: false });
});
