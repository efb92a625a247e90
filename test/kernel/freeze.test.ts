import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { formatDisk } from "../../src/disk/disk.js";
import { PIECE_BYTES } from "../../src/disk/freeze.js";
import { S_LOCK } from "../../src/disk/layout.js";
import { DiskAccess } from "../../src/kernel/disk-access.js";
import { Freeze } from "../../src/kernel/fs/freeze.js";
import { allocate } from "../disk/support.js";
import { bundleGuest, MiB, TestMachine } from "./harness.js";

let source = "";
beforeAll(async () => {
  source = await bundleGuest();
});
afterEach(() => {
  vi.useRealTimers();
});

async function boot(): Promise<TestMachine> {
  const machine = new TestMachine(source);
  await machine.configured;
  return machine;
}

const thaw = { op: "thaw", restored: false } as const;

describe("a frozen disk", () => {
  it("makes the host's own operations wait, and says what is in use", async () => {
    const machine = await boot();
    const { data } = await machine.host.fs({ op: "freeze" });
    expect(data?.length).toBe(Math.ceil(Math.ceil(machine.memory.byteLength / PIECE_BYTES) / 8));
    expect((data?.[0] as number) & 1).toBe(1);
    let made = false;
    const mkdir = machine.host.fs({ op: "mkdir", path: "/new", recursive: false, mode: null }).then(() => {
      made = true;
    });
    await machine.host.ping();
    // Longer than the kernel lets a guest keep the lock.
    await sleep(700);
    expect(made).toBe(false);
    expect(await machine.host.fs(thaw)).toMatchObject({ value: null });
    await mkdir;
    expect(machine.breach).toBe(null);
  });

  it("makes programs wait, which can be ended meanwhile", async () => {
    const machine = await boot();
    const writing = machine.start(`
      const end = Date.now() + 1000;
      while (Date.now() < end) {
        if (sys.disk.mkdir("/home/user/d", 0o755) !== 0 || sys.disk.rmdir("/home/user/d") !== 0) sys.exit(9);
      }
      sys.exit(0);`);
    const endless = machine.start(`for (;;) sys.disk.mkdir("/home/user/e", 0o755)`, {
      timeout: 300,
    });
    for (let round = 0; round < 5; round++) {
      await machine.host.fs({ op: "freeze" });
      await sleep(100);
      await machine.host.fs(thaw);
    }
    expect((await writing.ended).exitCode).toBe(0);
    expect((await endless.ended).exitCode).toBe(124);
    expect(machine.breach).toBe(null);
  });

  it("is thawed by whoever froze it, once", async () => {
    const machine = await boot();
    await expect(machine.host.fs(thaw)).rejects.toMatchObject({ code: "ETIMEDOUT", syscall: "thaw" });
    await machine.host.fs({ op: "freeze" });
    await expect(machine.host.fs({ op: "freeze" })).rejects.toMatchObject({
      code: "EBUSY",
      syscall: "freeze",
    });
    await machine.host.fs(thaw);
    await expect(machine.host.fs(thaw)).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect((await machine.host.fs({ op: "exists", path: "/home" })).value).toBe(true);
  });

  it("is taken from whoever keeps it", async () => {
    const machine = await boot();
    const words = new Int32Array(machine.memory.buffer, machine.memory.byteOffset);
    words[S_LOCK] = 0x0abcdef;
    await machine.host.fs({ op: "freeze" });
    await machine.host.fs(thaw);
    expect((await machine.host.fs({ op: "exists", path: "/home" })).value).toBe(true);
  });

  it("that was filled is checked, and has what every machine has", async () => {
    const machine = await boot();
    await machine.host.fs({ op: "freeze" });
    new Uint8Array(machine.memory.buffer, machine.memory.byteOffset).fill(0x55);
    const { value } = await machine.host.fs({ op: "thaw", restored: true });
    expect(value).toMatchObject({ formatted: true, repaired: 1 });
    expect((await machine.host.fs({ op: "exists", path: "/bin/sh" })).value).toBe(true);
    expect(machine.breach).toBe(null);
  });

  it("thaws by itself when the host takes too long", async () => {
    const size = { bytes: MiB, inodes: 64 };
    const memory = allocate(size.bytes, size.inodes);
    formatDisk(memory, size);
    const access = new DiskAccess(memory, () => false);
    const freeze = new Freeze(access);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await freeze.begin();
    expect(access.root.mkdir("/d", 0o755)).toBe(-16);
    const made = access.attempt(() => access.root.mkdir("/d", 0o755));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await made).toBe(0);
    expect(() => freeze.end(false)).toThrow("ETIMEDOUT");
  });
});
