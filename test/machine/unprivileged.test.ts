import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

/*
 * Hosts that may do less than this process: the whole of a runtime's life, as an ordinary user, without
 * any capability, under a container's filter, in a cgroup with little memory. The library is copied to
 * where every user can read it.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const platform = `@secure-exec/node-linux-${process.arch}`;
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const hasSetpriv = spawnSync("setpriv", ["--version"]).status === 0;

let place: string;
let node: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "secure-exec-unprivileged-"));
  chmodSync(place, 0o755);
  cpSync(join(root, "dist"), join(place, "dist"), { recursive: true });
  writeFileSync(join(place, "package.json"), '{ "type": "module" }');
  for (const dependency of Object.keys(manifest.dependencies)) {
    const path = `node_modules/${dependency}`;
    cpSync(join(root, path), join(place, path), { recursive: true });
  }
  for (const file of ["package.json", "bin/node", "bin/stage0"]) bring(`node_modules/${platform}/${file}`);
  node = join(place, "node_modules", platform, "bin/node");
  writeFileSync(join(place, "life.mjs"), lifeProgram);
  const build = await rolldown({
    cwd: root,
    input: "test/machine/container-stage.ts",
    platform: "node",
    external: [/^node:/],
  });
  await build.write({ file: join(place, "container-stage.cjs"), format: "cjs" });
  await build.close();
});
afterAll(() => rmSync(place, { recursive: true }));

/** Brings one file along, without copying it where that can be. */
function bring(path: string): void {
  const target = join(place, path);
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(join(root, path), target);
  } catch {
    try {
      copyFileSync(join(root, path), target);
    } catch (error) {
      // Without a C compiler there is no stage 0 in C.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Create, run, files, a machine's death and revival, a spare machine, many at once, dispose. */
const lifeProgram = `
import { readFileSync } from "node:fs";
import { NodeRuntime } from "./dist/index.js";
const status = readFileSync("/proc/thread-self/status", "latin1");
const field = (name) => new RegExp("^" + name + ":\\\\t(.*)$", "m").exec(status)?.[1];
const told = { uid: process.getuid(), CapEff: field("CapEff"), CapBnd: field("CapBnd"), NoNewPrivs: field("NoNewPrivs"), Seccomp: field("Seccomp") };
const revivals = [];
const runtime = await NodeRuntime.create({
  files: { "/home/user/in.txt": "in" },
  onRevive: ({ reason, disk }) => revivals.push([reason, disk.repaired]),
});
told.isolation = runtime.isolation;
told.run = await runtime.run("import fs from 'node:fs'; fs.writeFileSync('out.txt', 'out'); __return([fs.readFileSync('in.txt', 'utf8'), process.getuid()])");
if (process.argv[2] === "fill") {
  told.fill = await runtime.exec("const a = []; for (;;) a.push(Buffer.alloc(8 << 20, 1))", { timeout: 20000 }).catch((error) => ({ code: error.code, reason: error.reason, signal: error.signal }));
} else {
  told.stuck = await runtime.exec("require('node:crypto').pbkdf2Sync('a', 'b', 3e7, 64, 'sha512')", { timeout: 200 });
}
told.kept = await runtime.readFile("/home/user/out.txt", "utf8");
told.after = (await runtime.run("__return(2)")).value;
told.revivals = revivals;
told.revivedIsolation = runtime.isolation;
const several = await Promise.all([1, 2, 3].map((each) => runtime.run("__return(" + each + ")")));
told.several = several.map(({ value }) => value);
await new Promise((resolve) => setTimeout(resolve, 800));
const timings = [];
const second = await NodeRuntime.create({ onBootTiming: (timing) => timings.push(timing) });
told.spare = timings[0]?.spawned === 0;
told.second = (await second.run("__return(3)")).value;
await second.dispose();
await runtime.dispose();
console.log(JSON.stringify(told));
process.exit();
`;

// biome-ignore lint/suspicious/noExplicitAny: what the host's program told, looked at field by field.
type Told = any;

interface As {
  uid?: number;
  gid?: number;
}

/** Runs the host's program by a command that becomes Node. */
function live(prefix: string[], as: As = {}, args: string[] = []): Promise<Told> {
  const [command = node, ...rest] = [...prefix, node, join(place, "life.mjs"), ...args];
  return new Promise((resolve, reject) => {
    const options = { ...as, cwd: "/", env: {}, timeout: 50_000 };
    execFile(command, rest, options, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(`the host failed: ${stderr}`, { cause: error }));
    });
  });
}

function expectWholeLife(told: Told): void {
  const isolation = { level: "jailed", seccomp: true, verified: "host", oomScoreAdj: 1000, uid: told.uid };
  expect(told).toMatchObject({
    isolation,
    run: { exitCode: 0, stderr: "", value: ["in", 1000] },
    kept: "out",
    after: 2,
    revivedIsolation: isolation,
    several: [1, 2, 3],
    spare: true,
    second: 3,
  });
}

function expectStopped(told: Told): void {
  expect(told.stuck).toMatchObject({ exitCode: 124, termination: { reason: "timeout" } });
  expect(told.revivals).toEqual([["timeout", 0]]);
}

const none = "0000000000000000";
const withoutCapabilities = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];

describe("a runtime lives its whole life", () => {
  test("as the user that runs this", async () => {
    const told = await live([]);
    expectWholeLife(told);
    expectStopped(told);
  });

  test.skipIf(!isRoot)("as an ordinary user", async () => {
    const told = await live([], { uid: NOBODY, gid: NOBODY });
    expect(told).toMatchObject({ uid: NOBODY, CapEff: none, NoNewPrivs: "0" });
    expectWholeLife(told);
    expectStopped(told);
  });

  test.skipIf(!(isRoot && hasSetpriv))("as an ordinary user who can't gain any privilege", async () => {
    const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const told = await live(["setpriv", ...user, ...withoutCapabilities]);
    expect(told).toMatchObject({ uid: NOBODY, CapEff: none, CapBnd: none, NoNewPrivs: "1" });
    expectWholeLife(told);
    expectStopped(told);
  });

  test.skipIf(!(isRoot && hasSetpriv))("as root without any capability", async () => {
    const told = await live(["setpriv", ...withoutCapabilities]);
    expect(told).toMatchObject({ uid: 0, CapEff: none, CapBnd: none, NoNewPrivs: "1" });
    expectWholeLife(told);
    expectStopped(told);
  });

  test("under a container's filter, which knows nothing of Landlock", async () => {
    const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    const told = await live([node, join(place, "container-stage.cjs")], as);
    expect(told).toMatchObject({ NoNewPrivs: "1", Seccomp: "2" });
    expectWholeLife(told);
    expectStopped(told);
    expect(told.isolation.landlock).toBe(0);
  });

  test("in a cgroup whose memory runs out", async (context) => {
    const group = makeCgroup(400 * 1024 * 1024);
    if (group === null) return context.skip("no cgroup with a memory limit can be made here");
    try {
      const told = await live(["sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "sh"], {}, [
        "fill",
      ]);
      expectWholeLife(told);
      // The system ends the machine, never the host.
      expect(told.fill).toMatchObject({ signal: "SIGKILL" });
      expect(told.revivals).toHaveLength(1);
    } finally {
      await removeCgroup(group);
    }
  });
});

/** A cgroup inside our own with so much memory; null where that may not be. */
function makeCgroup(bytes: number): string | null {
  try {
    const lines = readFileSync("/proc/self/cgroup", "latin1").split("\n");
    const old = lines.find((line) => /^\d+:memory:/u.test(line));
    const own = (old ?? lines.find((line) => line.startsWith("0::")) ?? "").split(":")[2];
    const group = join("/sys/fs/cgroup", old === undefined ? "" : "memory", own ?? "", `test-${process.pid}`);
    mkdirSync(group);
    try {
      writeFileSync(join(group, old === undefined ? "memory.max" : "memory.limit_in_bytes"), `${bytes}`);
      return group;
    } catch {
      rmdirSync(group);
      return null;
    }
  } catch {
    return null;
  }
}

/** Its last processes may take a moment to be gone. */
async function removeCgroup(group: string): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if (round === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
