import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeRuntime } from "secure-exec";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as layout from "../../src/disk/layout.js";
import { openLibrary } from "./open-image.ts";

type Library = Awaited<ReturnType<typeof openLibrary>>;

const secret = `host-secret-${process.pid}-${Math.random().toString(36).slice(2)}`;
const folder = mkdtempSync(join(tmpdir(), "secure-exec-open-"));
const secretFile = join(folder, "secret.txt");

let library: Library;
let runtime: NodeRuntime;
let server: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  writeFileSync(secretFile, secret);
  library = await openLibrary();
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  runtime = await library.NodeRuntime.create();
});

afterEach(() => runtime.dispose());

/** Attacks with Node's own natives; each yields what it got from the kernel of the system. */
const attacks: Record<string, string> = {
  open: `natives.fs.open(FILE, 0, 0)`,
  readFileUtf8: `natives.fs.readFileUtf8(FILE, 0)`,
  stat: `natives.fs.stat(FILE, false)`,
  writeFileUtf8: `natives.fs.writeFileUtf8(FOLDER + "/new", "x", 577, 0o644)`,
  mkdir: `natives.fs.mkdir(FOLDER + "/new", 0o755, false)`,
  readdir: `natives.fs.readdir(FOLDER, "utf8", false)`,
  symlink: `natives.fs.symlink(FILE, FOLDER + "/new", 0)`,
  opendir: `natives.fs_dir.opendirSync(FOLDER)`,
  "TCP connect": `(() => { const { TCP, TCPConnectWrap, constants } = natives.tcp_wrap; return check(new TCP(constants.SOCKET).connect(new TCPConnectWrap(), "127.0.0.1", PORT)) })()`,
  "TCP listen": `(() => { const { TCP, constants } = natives.tcp_wrap; const s = new TCP(constants.SERVER); check(s.bind("127.0.0.1", 0)); return check(s.listen(1)) })()`,
  "UDP bind": `(() => { const u = new natives.udp_wrap.UDP(); return check(u.bind("127.0.0.1", 0, 0)) })()`,
  "pipe connect": `await (() => { const { Pipe, PipeConnectWrap, constants } = natives.pipe_wrap; const request = new PipeConnectWrap(); const done = new Promise((resolve) => { request.oncomplete = resolve; }); check(new Pipe(constants.SOCKET).connect(request, "/var/run/x.sock")); return done.then(check); })()`,
  "pipe open of the wire": `(() => { const { Pipe, constants } = natives.pipe_wrap; const p = new Pipe(constants.SOCKET); const r = p.open(3); return check(r === 0 ? -1 : r) })()`,
  spawn: `(() => { const p = new natives.process_wrap.Process(); return check(p.spawn({ file: "/bin/cat", args: ["cat", FILE], stdio: [] })) })()`,
  spawnSync: `(() => { const r = natives.spawn_sync.spawn({ file: "/bin/cat", args: ["cat", FILE], stdio: [{ type: "pipe", readable: true }, { type: "pipe", writable: true }] }); return check(r.error ?? 0) })()`,
  "kill of the host": `check(natives.process_methods._kill(HOSTPID, 9))`,
  "signal 0 to the host": `check(natives.process_methods._kill(HOSTPID, 0))`,
  "kill of everybody": `check(natives.process_methods._kill(-1, 9))`,
  "kill of the group": `check(natives.process_methods._kill(0, 9))`,
  dlopen: `natives.process_methods.dlopen({ exports: {} }, FILE, 1)`,
  chdir: `natives.process_methods.chdir(FOLDER)`,
};

describe("with Node's natives in hand", () => {
  for (const [name, expression] of Object.entries(attacks)) {
    test(`${name} fails`, async () => {
      const before = readdirSync(folder);
      const call = runtime.exec(
        `const { natives } = __opened;
         const [FILE, FOLDER, PORT, HOSTPID] = ${JSON.stringify([secretFile, folder, port, process.pid])};
         const check = (error) => { if (error !== 0) throw new Error("errno " + error); return "DONE"; };
         try { console.log("GOT", ${expression}); } catch (error) { console.log("REFUSED", error.message); }
         process.exit();`,
        { timeout: 10_000 },
      );
      // What costs the machine is refused as well.
      const result = await call.catch((error: unknown) => {
        expect(error).toMatchObject({ code: "ERR_SECURE_EXEC_MACHINE_EXITED" });
      });
      if (result?.exitCode === 0) expect(result.stdout).toMatch(/^REFUSED/);
      expect(`${result?.stdout}${result?.stderr}`).not.toContain(secret);
      expect(readdirSync(folder)).toEqual(before);
      expect(connections).toBe(0);
      expect((await runtime.run("__return(1)")).value).toBe(1);
    });
  }

  test("process.execve costs the machine, not the host", async () => {
    const { exitCode } = await runtime.exec(
      `__opened.natives.process_methods.execve("/bin/cat", ["cat", ${JSON.stringify(secretFile)}], [])`,
      { timeout: 10_000 },
    );
    expect(exitCode).not.toBe(0);
    expect((await runtime.run("__return(1)")).value).toBe(1);
  });

  test("a native environment is as jailed as its maker", async () => {
    const { stdout } = await runtime.exec(
      `const W = (await import("node:worker_threads")).Worker;
       try {
         const w = new __opened.natives.worker.Worker(undefined, {}, [], new Float64Array(4), true, undefined, "");
         console.log(typeof w.startThread);
       } catch (error) { console.log("REFUSED", error.message); }
       process.exit();`,
      { timeout: 10_000 },
    );
    expect(stdout).not.toContain(secret);
    expect((await runtime.run("__return(1)")).value).toBe(1);
  });
});

/** Statements before an attack on the disk's memory. */
const memory = `
  const { buffer, byteOffset, byteLength } = __opened.workerData.disk;
  const words = new Int32Array(buffer, byteOffset, byteLength >>> 2);
  const owner = __opened.workerData.owner;`;

describe("with the disk's memory in hand", () => {
  const deadline = 5000;

  async function expectHostAnswers() {
    const began = performance.now();
    await runtime.writeFile("/home/user/host.txt", "host");
    expect(await runtime.readFile("/home/user/host.txt", "utf8")).toBe("host");
    expect(performance.now() - began).toBeLessThan(deadline);
  }

  for (const [name, value] of Object.entries({ own: "owner", alien: "12345", kernel: "1", negative: "-1" })) {
    test(`a lock that is kept for ever under the ${name} id stops neither files nor timeout nor dispose`, async () => {
      const call = runtime.exec(
        `${memory} console.log("locked"); setInterval(() => Atomics.store(words, ${layout.S_LOCK}, ${value}), 0); for (;;) Atomics.store(words, ${layout.S_LOCK}, ${value});`,
        { timeout: 2000 },
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      const began = performance.now();
      const file = runtime.readFile("/etc/hosts", "utf8").catch((error: unknown) => error);
      const result = await call.catch((error: unknown) => error);
      expect(result).toBeDefined();
      await file;
      expect(performance.now() - began).toBeLessThan(2 * deadline);
      await expectHostAnswers();
    });
  }

  test("cycles in every table stop neither files nor timeout nor dispose", async () => {
    const result = await runtime.exec(
      `${memory}
       const view = new Int32Array(buffer, byteOffset, 1 << 20);
       for (let word = 64; word < view.length; word++) if (word % 3 === 0 && view[word] > 0 && view[word] < 4096) view[word] = 1 + (word % 7);
       console.log("twisted");
       for (;;);`,
      { timeout: 1000 },
    );
    expect(result.stdout).toBe("twisted\n");
    expect(result.exitCode).toBe(124);
    const began = performance.now();
    await runtime.readFile("/etc/hosts").catch(() => {});
    await runtime.readdir("/").catch(() => {});
    await runtime.stat("/home/user").catch(() => {});
    expect(performance.now() - began).toBeLessThan(deadline);
  });

  test("watches that lead in circles cost events at most", async () => {
    const { watchBase, bitmapBase } = layout.geometryOf(1, 1) as layout.Geometry;
    const result = await runtime.exec(
      `${memory}
       const fs = require("node:fs");
       fs.mkdirSync("/tmp/circles");
       for (const name of ["a", "b", "c"]) fs.watch(fs.mkdtempSync("/tmp/circles/" + name), () => {});
       const first = ${watchBase};
       for (let word = first; word < ${bitmapBase}; word++) words[word] = [1, 2, 3, -1, 0x7fffffff][word % 5];
       words[${layout.S_WATCHES}] = -5;
       console.log("circled");
       for (let i = 0; ; i++) fs.writeFileSync("/tmp/circles/" + (i % 100), "x");`,
      { timeout: 1500 },
    );
    expect(result.stdout).toBe("circled\n");
    expect(result.exitCode).toBe(124);
    await expectHostAnswers();
    expect((await runtime.run("__return(1)")).value).toBe(1);
  });

  test("random bytes over all of the disk's tables cost at most the disk", async () => {
    await runtime.exec(
      `${memory}
       const bytes = new Uint8Array(buffer, byteOffset, 4 << 20);
       for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));`,
      { timeout: 5000 },
    );
    const began = performance.now();
    await runtime.exec("console.log(1)", { timeout: 2000 }).catch(() => {});
    await runtime.readFile("/etc/hosts").catch(() => {});
    expect(performance.now() - began).toBeLessThan(2 * deadline);
  });

  test("random words in the thread's page break only its process", async () => {
    await runtime.exec(
      `const page = new Int32Array(__opened.workerData.threadPage);
       for (let i = 0; i < page.length; i++) page[i] = (Math.random() * 2 ** 32) | 0;
       __opened.workerData.port.postMessage(0);
       console.log("torn");`,
      { timeout: 1000 },
    );
    expect((await runtime.run("__return(1)")).value).toBe(1);
  });

  test("messages of any shape on the thread's port do no harm", async () => {
    await runtime.exec(
      `const { port } = __opened.workerData;
       for (const message of [1, null, undefined, {}, [], "x", { t: "ready" }, { t: "exit", code: 3 }, new Uint8Array(1 << 20), { get: 1 }]) port.postMessage(message);
       for (let i = 0; i < 10000; i++) port.postMessage({ t: "ready", i });`,
      { timeout: 2000 },
    );
    expect((await runtime.run("__return(1)")).value).toBe(1);
  });
});
