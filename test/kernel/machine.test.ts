import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wrap } from "../../scripts/wrap.mjs";
import { machineCommand } from "../../src/machine/command.js";
import type { MachineImage } from "../../src/machine/image.js";
import { Machine } from "../../src/machine/machine.js";
import { spawnMachine } from "../../src/machine/spawn.js";
import { MiB } from "./harness.js";

/* The kernel as the main thread of a real, jailed machine; the guests are those of the kernel's tests. */

const root = fileURLToPath(new URL("../../", import.meta.url));
let directory = "";
let image: MachineImage;

async function bundle(entry: string, file: string): Promise<void> {
  const build = await rolldown({ cwd: root, input: entry, platform: "node", external: [/^node:/] });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  const { code } = output[0];
  // Node itself runs the others.
  writeFileSync(join(directory, file), file === "guest.js" ? wrap(file, code) : code);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "secure-exec-kernel-"));
  await bundle("src/kernel/main.ts", "kernel.cjs");
  await bundle("test/kernel/guest.worker.ts", "guest.js");
  writeFileSync(join(directory, "commands.cjs"), "");
  writeFileSync(join(directory, "tar.cjs"), "");
  await bundle("src/jail/stage0/main.ts", "stage0.cjs");
  writeFileSync(join(directory, "openssl.cnf"), "");
  const node = process.execPath;
  image = {
    node,
    stage0: null,
    stage0Script: join(directory, "stage0.cjs"),
    kernel: join(directory, "kernel.cjs"),
    opensslConfig: join(directory, "openssl.cnf"),
    read: [node, directory, "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/proc/self"],
  };
});
afterAll(() => rmSync(directory, { recursive: true }));

async function launch(fd?: number): Promise<Machine> {
  const disk = { bytes: 64 * MiB, inodes: 4096, ...(fd === undefined ? {} : { fd }) };
  const machine = await Machine.launch({ jail: "required", disk }, image);
  await machine.configure({
    hostname: "other-name",
    env: { EVERYWHERE: "1" },
    limits: { memory: 256 * MiB, processes: 16, threads: 64, openFiles: 64 },
  });
  return machine;
}

function run(machine: Machine, code: string, timeout: number | null = null) {
  let stdout = "";
  const take = (bytes: Uint8Array, consumed: (bytes: number) => void): void => {
    stdout += Buffer.from(bytes).toString();
    consumed(bytes.length);
  };
  return new Promise<Record<string, unknown>>((resolve) => {
    const call = machine.start(
      {
        code,
        args: [],
        env: { OWN: "2" },
        cwd: "/",
        timeout,
        memory: 256 * MiB,
        entry: { kind: "code", filePath: null },
        valueLimit: MiB,
      },
      {
        stdout: take,
        stderr: take,
        exit: (exit) => resolve({ ...exit, stdout }),
        stuck: (reason) => resolve({ stuck: reason, stdout }),
        lost: (exit) => resolve({ lost: exit, stdout }),
      },
    );
    call.endStdin();
  });
}

describe("the kernel in its machine", () => {
  it("serves calls and files, locked", async () => {
    const machine = await launch();
    expect(machine.isolation).toMatchObject({ level: "jailed", seccomp: true, verified: "host" });
    const ended = await run(
      machine,
      `sys.write(1, JSON.stringify([sys.start.env, sys.start.hostname])); sys.value("[1]"); sys.exit(0)`,
    );
    expect(ended).toMatchObject({
      exitCode: 0,
      stdout: '[{"EVERYWHERE":"1","OWN":"2"},"other-name"]',
      value: Buffer.from("[1]"),
    });
    const { data } = await machine.fs({ op: "readFile", path: "/etc/hostname", limit: 100 });
    expect(String(data)).toBe("other-name\n");
    expect(existsSync(`/proc/${machine.pid}`)).toBe(true);
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("keeps no descriptor of the disk once it is configured", async () => {
    const machine = await launch();
    const fd = machine.disk?.fd;
    expect(fd).toBeTypeOf("number");
    const ended = await run(
      machine,
      `const fs = require("node:fs"); const open = [];
       for (let fd = 4; fd < 64; fd++) try { if (fs.fstatSync(fd).isFile()) open.push(fd) } catch {}
       sys.write(1, JSON.stringify(open)); sys.exit(0)`,
    );
    expect(ended["stdout"]).toBe("[]");
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("finds its files again on the disk of a machine that was killed", async () => {
    const first = await launch();
    const path = "/home/user/kept";
    const data = Buffer.alloc(5 * MiB, 7);
    await first.fs({ op: "writeFile", path, mode: null, parents: true }, data);
    first.kill("killed");
    await first.exited;
    const second = await launch(first.disk?.fd);
    expect(second.check).toMatchObject({ formatted: false });
    expect((await second.fs({ op: "readFile", path, limit: 10 * MiB })).data?.equals(data)).toBe(true);
    expect(await run(second, "sys.exit(0)")).toMatchObject({ exitCode: 0 });
    second.kill("killed");
    await second.exited;
    first.disk?.close();
  });

  it("tells what can't be stopped soon after its timeout", async () => {
    const machine = await launch();
    await sleep(100);
    const begun = performance.now();
    const ended = await run(
      machine,
      `sys.write(1, "before"); require("node:crypto").pbkdf2Sync("a", "b", 5e6, 64, "sha512")`,
      100,
    );
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(ended).toEqual({ stuck: "timeout", stdout: "before" });
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("bounds memory that V8 tells nothing of", async () => {
    const machine = await launch();
    const wasm = await run(
      machine,
      `sys.write(1, "before"); const all = [];
       for (;;) { const memory = new WebAssembly.Memory({ initial: 160 }); new Uint8Array(memory.buffer).fill(1); all.push(memory); }`,
    );
    expect(wasm).toMatchObject({ exitCode: 137, termination: { reason: "memory" }, stdout: "before" });
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("gives up on loops that V8 compiled without interrupts and that fill the memory", async () => {
    const machine = await launch();
    const ended = await run(machine, "const all = []; for (;;) all.push(new Array(1000).fill({}));");
    // On a busy computer V8 may be asked before it compiles the loop.
    if (ended["stuck"] === undefined) expect(ended).toMatchObject({ termination: { reason: "memory" } });
    else expect(ended).toMatchObject({ stuck: "memory" });
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("doesn't take a disk that fills for memory", async () => {
    const disk = { bytes: 1024 * MiB, inodes: 4096 };
    const machine = await Machine.launch({ jail: "required", disk }, image);
    await machine.configure({
      hostname: "h",
      env: {},
      limits: { memory: 256 * MiB, processes: 16, threads: 64, openFiles: 64 },
    });
    const ended = await run(
      machine,
      `const bytes = Buffer.alloc(1 << 20, 1); const file = sys.disk.open("/tmp/full", 0o102, 0o644); let at = 0;
       for (; sys.disk.write(file, bytes, 0, bytes.length, -1) === bytes.length; at++);
       sys.write(1, String(at)); sys.exit(0)`,
    );
    expect(ended).toMatchObject({ exitCode: 0, termination: null });
    expect(Number(ended["stdout"])).toBeGreaterThan(900);
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("gets to a disk that a guest fills without a pause", async () => {
    const machine = await Machine.launch(
      { jail: "required", disk: { bytes: 1024 * MiB, inodes: 4096 } },
      image,
    );
    const limits = { memory: 256 * MiB, processes: 16, threads: 64, openFiles: 64 };
    await machine.configure({ hostname: "h", env: {}, limits });
    let running = true;
    const ended = run(
      machine,
      `const bytes = Buffer.alloc(1 << 20, 1); const file = sys.disk.open("/tmp/full", 0o102, 0o644);
       const end = Date.now() + 2000;
       for (let at = 0; Date.now() < end; at++) sys.disk.write(file, bytes, 0, bytes.length, (at % 900) << 20);
       sys.exit(0)`,
    ).finally(() => {
      running = false;
    });
    while (running) {
      const { data } = await machine.fs({ op: "readFile", path: "/etc/hostname", limit: 100 });
      expect(String(data)).toBe("h\n");
    }
    expect(await ended).toMatchObject({ exitCode: 0, termination: null });
    machine.kill("killed");
    await machine.exited;
    machine.disk?.close();
  });

  it("ends itself when the host lets go of the wire", async () => {
    const { command, args, env } = machineCommand(image, "required", {
      jail: true,
      disk: { bytes: 64 * MiB, inodes: 4096, adopt: null, size: 0 },
      spare: true,
    });
    const spawned = spawnMachine({ command, args, env });
    await new Promise((resolve) => spawned.wire?.once("data", resolve));
    spawned.wire?.destroy();
    expect(await spawned.ended).toMatchObject({ error: null, signal: "SIGKILL" });
  });

  it("fails closed on a configuration that is none", async () => {
    const { command, args, env } = machineCommand(image, "required", { disk: { adopt: null } } as never);
    const spawned = spawnMachine({ command, args, env });
    expect(await spawned.ended).toMatchObject({ error: null, exitCode: 70 });
    expect(spawned.output.text()).toContain("secure-exec kernel: boot: TypeError");
  });

  it("fails closed on what is no frame", async () => {
    const { command, args, env } = machineCommand(image, "required", {
      jail: true,
      disk: { bytes: 64 * MiB, inodes: 4096, adopt: null, size: 0 },
      spare: false,
    });
    const spawned = spawnMachine({ command, args, env });
    await new Promise((resolve) => spawned.wire?.once("data", resolve));
    spawned.wire?.write(Buffer.alloc(64, 255));
    expect(await spawned.ended).toMatchObject({ error: null, exitCode: 70 });
    expect(spawned.output.text()).toContain("secure-exec kernel: protocol");
  });
});
