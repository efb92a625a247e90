import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
  machine.disk.mkdir("/home/user/app", 0o755);
  write("/home/user/app/a.mjs", "export const a = import.meta.url; export default 1");
  write("/home/user/app/b.cjs", "module.exports = { b: __filename, up: require('./c.json') }");
  write("/home/user/app/c.json", '{ "c": 1 }');
  write("/home/user/app/throws.mjs", "const a = 1;\nthrow new Error('from a file')");
  machine.disk.mkdir("/home/user/app/node_modules", 0o755);
  machine.disk.mkdir("/home/user/app/node_modules/pkg", 0o755);
  write(
    "/home/user/app/node_modules/pkg/package.json",
    '{ "name": "pkg", "exports": "./main.js", "type": "module" }',
  );
  machine.disk.mkdir("/home/user/app/node_modules/dual", 0o755);
  write(
    "/home/user/app/node_modules/dual/package.json",
    '{ "exports": { "node-addons": "./addon.js", "default": "./plain.js" } }',
  );
  write("/home/user/app/node_modules/dual/plain.js", "");
  write("/home/user/app/node_modules/pkg/main.js", "export const name = 'pkg'");
});

function write(path: string, text: string): void {
  const bytes = Buffer.from(text);
  expect(machine.disk.writeSmall(path, 0o101, 0o644, bytes, bytes.length)).toBeGreaterThanOrEqual(0);
}

const cwd = "/home/user/app";

describe("the program of a guest process", () => {
  it("imports from its directory", async () => {
    const { stdout, stderr } = await machine.run({
      cwd,
      code: `import one, { a } from "./a.mjs"; import { name } from "pkg"; import c from "./c.json" with { type: "json" };
        const { default: b } = await import("./b.cjs"); console.log(one, a, name, c, b)`,
    });
    expect({ stdout, stderr }).toEqual({
      stdout: "1 file:///home/user/app/a.mjs pkg { c: 1 } { b: '/home/user/app/b.cjs', up: { c: 1 } }\n",
      stderr: "",
    });
  });

  it("has a require from its directory, which is not enumerable", async () => {
    const { stdout, stderr } = await machine.run({
      cwd,
      code: `console.log(require("./b.cjs").b, require("pkg").name, require.resolve("./a.mjs"), Object.keys(globalThis).includes("require"));
        console.log(Object.keys(require.cache), require.main, typeof require.extensions)`,
    });
    expect({ stdout, stderr }).toEqual({
      stdout:
        "/home/user/app/b.cjs pkg /home/user/app/a.mjs false\n[\n  '/home/user/app/b.cjs',\n  '/home/user/app/c.json',\n  '/home/user/app/node_modules/pkg/main.js'\n] undefined object\n",
      stderr: "",
    });
  });

  it("takes what packages have for a Node without addons", async () => {
    const { stdout } = await machine.run({
      cwd,
      code: `console.log(import.meta.resolve("dual"), require.resolve("dual"))`,
    });
    expect(stdout).toBe(`file://${cwd}/node_modules/dual/plain.js ${cwd}/node_modules/dual/plain.js\n`);
  });

  it("can set require aside", async () => {
    const { stdout } = await machine.run({
      code: `globalThis.require = 1; console.log(require); delete globalThis.require; console.log(typeof require)`,
    });
    expect(stdout).toBe("1\nundefined\n");
  });

  it("goes by the name that it is given", async () => {
    const { stdout, stderr, exitCode } = await machine.run({
      cwd: "/",
      filePath: "/home/user/app/my task.mjs",
      code: `import { a } from "./a.mjs"; console.log(import.meta.url, import.meta.filename, import.meta.main, a);\nthrow new Error("x")`,
    });
    expect(stdout).toBe(
      "file:///home/user/app/my%20task.mjs /home/user/app/my task.mjs true file:///home/user/app/a.mjs\n",
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^file:\/\/\/home\/user\/app\/my%20task.mjs:2\nthrow new Error\("x"\)\n {6}\^\n\nError: x\n {4}at file:\/\/\/home\/user\/app\/my%20task.mjs:2:7\n/,
    );
  });

  it("tells where it does not parse under that name", async () => {
    const { stderr } = await machine.run({ filePath: "/tmp/x.mjs", code: "let a;\nlet a;" });
    expect(stderr).toMatch(
      /^file:\/\/\/tmp\/x.mjs:2\nlet a;\n {4}\^\n\nSyntaxError: Identifier 'a' has already been declared\n/,
    );
  });

  it("tells where it waits under that name", async () => {
    const { stderr, exitCode } = await machine.run({
      filePath: "/tmp/x.mjs",
      code: "await new Promise(() => {})",
    });
    expect(stderr).toBe(
      "Warning: Detected unsettled top-level await at file:///tmp/x.mjs:1\nawait new Promise(() => {})\n^\n\n\n\n",
    );
    expect(exitCode).toBe(13);
  });

  it("shows errors of the files that it imports", async () => {
    const { stderr, exitCode } = await machine.run({ cwd, code: `import "./throws.mjs"` });
    expect(stderr).toMatch(
      /^file:\/\/\/home\/user\/app\/throws.mjs:2\nthrow new Error\('from a file'\)\n {6}\^\n\nError: from a file\n/,
    );
    expect(exitCode).toBe(1);
  });

  it("loads an environment from a file", async () => {
    write("/home/user/app/.env", "A=from file\nB=b # note\n");
    const { stdout } = await machine.run({
      cwd,
      env: { A: "set" },
      code: `process.loadEnvFile(); console.log(process.env.A, process.env.B); try { process.loadEnvFile("nope") } catch (error) { console.log(error) }`,
    });
    expect(stdout).toContain(
      "set b\nError: ENOENT: no such file or directory, open 'nope'\n    at process.loadEnvFile (node:internal/process/per_thread:",
    );
    expect(stdout).not.toContain("readFileSync");
  });

  it("loses nothing of what it wrote before an exit", async () => {
    const { stdout } = await machine.run({
      code: `process.stdout.write("x".repeat(16 * 2 ** 20)); console.error("e"); process.stdout.write("end\\n"); process.exit()`,
    });
    expect(stdout.length).toBe(16 * 2 ** 20 + 4);
    expect(stdout.endsWith("xend\n")).toBe(true);
  });

  it("is another user on another machine", async () => {
    const { stdout } = await machine.run({
      code: `import os from "node:os";
        console.log(os.hostname(), os.userInfo(), os.homedir(), os.type(), os.release(), os.totalmem(), os.cpus().length, os.availableParallelism(), os.uptime() < 60, os.networkInterfaces());
        console.log(process.getuid(), process.getgid(), process.getgroups(), process.execPath, process.title, process.ppid, os.getPriority());
        os.setPriority(5); console.log(os.getPriority()); try { os.setPriority(0) } catch (error) { console.log(error.code, error.info.code) }
        console.log(process.constrainedMemory(), process.availableMemory() > 0, process.report.directory, process.report.signal)`,
      env: { HOME: "/tmp" },
    });
    expect(stdout).toMatchInlineSnapshot(`
      "secure-exec [Object: null prototype] {
        uid: 1000,
        gid: 1000,
        username: 'user',
        homedir: '/home/user',
        shell: '/bin/sh'
      } /tmp Linux 6.1.0 1073741824 2 2 true {
        lo: [
          {
            address: '127.0.0.1',
            netmask: '255.0.0.0',
            family: 'IPv4',
            mac: '00:00:00:00:00:00',
            internal: true,
            cidr: '127.0.0.1/8'
          },
          {
            address: '::1',
            netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
            family: 'IPv6',
            mac: '00:00:00:00:00:00',
            internal: true,
            cidr: '::1/128',
            scopeid: 0
          }
        ],
        eth0: [
          {
            address: '10.0.0.2',
            netmask: '255.255.255.0',
            family: 'IPv4',
            mac: '02:00:00:00:00:02',
            internal: false,
            cidr: '10.0.0.2/24'
          },
          {
            address: 'fd00::2',
            netmask: 'ffff:ffff:ffff:ffff::',
            family: 'IPv6',
            mac: '02:00:00:00:00:02',
            internal: false,
            cidr: 'fd00::2/64',
            scopeid: 0
          }
        ]
      }
      1000 1000 [ 1000 ] /usr/local/bin/node node 1 0
      5
      ERR_SYSTEM_ERROR EACCES
      268435456 true  SIGUSR2
      "
    `);
  });

  it("obeys NODE_NO_WARNINGS and NODE_DEBUG", async () => {
    const quiet = await machine.run({ code: `process.emitWarning("x")`, env: { NODE_NO_WARNINGS: "1" } });
    expect(quiet.stderr).toBe("");
    const debug = await machine.run({
      code: `import util from "node:util"; util.debuglog("mine")("said %d", 1)`,
      env: { NODE_DEBUG: "mine" },
    });
    expect(debug.stderr).toMatch(/^MINE \d+: said 1\n$/);
  });
});
