import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Command, libraryPaths, stage0Command } from "../../src/jail/stage0/command.js";
import { failures, stage0Failure } from "../../src/jail/stage0/failures.js";
import {
  environment,
  type Form,
  forms,
  isGone,
  isRoot,
  launch,
  observe,
  openWorkshop,
  runFirst,
  type Workshop,
} from "./launch.js";

const RLIM_INFINITY = "18446744073709551615";

let shop: Workshop;
let probe: string;
let sleep: string;

beforeAll(async () => {
  shop = await openWorkshop();
  [probe, sleep] = await Promise.all([shop.bundle("probe"), shop.bundle("sleep")]);
});
afterAll(() => shop.remove());

// biome-ignore lint/suspicious/noExplicitAny: a report of the probe, looked at field by field.
async function report(form: Form, options: Partial<Parameters<typeof launch>[2]> = {}): Promise<any> {
  const launched = launch(shop, form, { program: [probe, "one", "two words"], read: ["/proc"], ...options });
  const { code, stderr, wire } = await launched.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(wire);
}

function ownStatus(key: string): string {
  return new RegExp(`^${key}:\\t(.*)$`, "m").exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "";
}

describe.each(forms)("stage 0 in %s", (form) => {
  it("leaves nothing but what a machine needs", async () => {
    const seen = await report(form);
    expect(seen.marks).toMatchObject({
      CapInh: "0000000000000000",
      CapPrm: "0000000000000000",
      CapEff: "0000000000000000",
      CapAmb: "0000000000000000",
      NoNewPrivs: "1",
      Seccomp: "2",
      Seccomp_filters: String(Number(ownStatus("Seccomp_filters")) + 1),
      Umask: "0077",
    });
    if (isRoot) expect(seen.marks.CapBnd).toBe("0000000000000000");
    expect(seen.ownSession).toBe(true);
    expect(seen.deathSignal).toBe(9);
    expect(seen.oomScoreAdj).toBe("1000");
    expect(seen.limits).toMatchObject({
      1: `0 ${RLIM_INFINITY}`,
      3: "8388608 8388608",
      4: expect.stringMatching(/^(0 0|1 1)$/),
      7: "1024 1024",
    });
    expect(seen.limits).toMatchObject({ 8: "0 0", 12: "0 0" });
    expect(seen.ring).toEqual([-38, -38, -38]);
    expect(seen.argv).toEqual(["one", "two words"]);
    expect(seen.execArgv).toEqual(["--no-warnings"]);
    const landlock = Number(seen.env.SECURE_EXEC_LANDLOCK);
    expect(seen.env).toEqual({ ...environment(shop), SECURE_EXEC_LANDLOCK: String(landlock) });
    if (landlock === 0) return;
    expect([seen.passwd, seen.list]).toEqual(["EACCES", "EACCES"]);
    if (landlock >= 4) expect(seen.listen).toBe("EACCES");
    if (landlock >= 6) expect(seen.signalHost).toBe("EPERM");
  });

  it("does without Landlock when told so", async () => {
    const seen = await report(form, { landlock: false });
    expect(seen.env.SECURE_EXEC_LANDLOCK).toBe("0");
    expect([seen.passwd, seen.list]).toEqual([true, true]);
    expect(seen.marks).toMatchObject({ NoNewPrivs: "1", Seccomp: "2" });
  });

  it("passes on the descriptors it was told to keep, and no other", async () => {
    const disk = openSync(`${shop.directory}/openssl.cnf`, "r");
    try {
      const kept = await report(form, { disk, edit: runFirst("exec 7</dev/zero 8</dev/zero") });
      const named = kept.descriptors.filter((text: string) => text.includes("/")).sort();
      expect(named).toEqual(["0 /dev/null", `4 ${shop.directory}/openssl.cnf`]);
      expect(kept.descriptors.filter((text: string) => text.endsWith("socket"))).toHaveLength(3);
      const dropped = await report(form, { edit: runFirst("exec 4</dev/zero 8</dev/zero") });
      expect(dropped.descriptors.filter((text: string) => text.includes("/"))).toEqual(["0 /dev/null"]);
    } finally {
      closeSync(disk);
    }
  });

  it.runIf(isRoot)("works for an ordinary user", async () => {
    const seen = await report(form, { user: "nobody" });
    expect(seen.marks).toMatchObject({ CapPrm: "0000000000000000", NoNewPrivs: "1", Seccomp: "2" });
    expect(seen.marks.Uid).toBe("65534\t65534\t65534\t65534");
    expect(seen.oomScoreAdj).toBe("1000");
    expect(seen.ring).toEqual([-38, -38, -38]);
    expect(seen.env.SECURE_EXEC_LANDLOCK).toBe((await report(form)).env.SECURE_EXEC_LANDLOCK);
  });

  it.runIf(forms.includes("c"))(
    "works where every capability is gone and a jail is around it already",
    async () => {
      const outer = (inner: Command): Command => {
        const around = stage0Command({
          stage0: shop.binary,
          stage0Script: shop.script,
          node: inner.command,
          args: inner.args,
          read: [...libraryPaths, shop.directory, shop.node, probe, "/proc"],
          landlock: true,
          keep: 4,
        });
        return around;
      };
      const seen = await report(form, { edit: outer });
      expect(seen.marks).toMatchObject({ CapBnd: expect.any(String), CapEff: "0000000000000000" });
      expect(seen.marks.Seccomp_filters).toBe(String(Number(ownStatus("Seccomp_filters")) + 2));
      expect(seen.ring).toEqual([-38, -38, -38]);
    },
  );

  it("ends with its own code and a line when something is wrong", async () => {
    const fail = async (edit: (command: Command) => Command): Promise<unknown> => {
      const { code, signal, stderr, wire } = await launch(shop, form, { program: [sleep], edit }).ended;
      expect(signal).toBe(null);
      expect(wire).toBe("");
      expect(stderr).not.toBe("");
      return stage0Failure(code);
    };
    const replace =
      (from: string, to: string[]) =>
      ({ command, args }: Command): Command => {
        const index = args.indexOf(from);
        return { command, args: args.toSpliced(index, 2, ...to) };
      };
    expect(await fail(replace("-k", []))).toBe("usage");
    expect(await fail(replace("-k", ["-k", "3"]))).toBe("usage");
    expect(await fail(replace("-k", ["-k", "x"]))).toBe("usage");
    expect(await fail(replace("-p", []))).toBe("usage");
    expect(await fail(replace("-p", ["-x", "1"]))).toBe("usage");
    expect(await fail(replace("--", []))).toBe("usage");
    expect(await fail(replace("-k", ["-k", "5"]))).toBe("descriptors");
    expect(await fail(runFirst("exec 3<&-"))).toBe("descriptors");
    expect(await fail(replace("-p", ["-p", "1"]))).toBe("orphan");
    expect(await fail(replace("--", ["--", "/nowhere/node"]))).toBe("exec");
  });

  it.runIf(existsSync("/dev/ptmx"))("takes no terminal", async () => {
    const { code, stderr } = await launch(shop, form, {
      program: [sleep],
      edit: runFirst("exec 0<>/dev/ptmx"),
    }).ended;
    expect(stage0Failure(code)).toBe("descriptors");
    expect(stderr).toContain("terminal");
  });

  it("does not start Node when the host has hung up before", async () => {
    const launched = launch(shop, form, { program: [sleep], edit: runFirst("sleep 0.2") });
    launched.wire.destroy();
    const { code } = await launched.ended;
    expect(stage0Failure(code)).toBe("orphan");
  });

  it("does not start Node when the host has died before", async () => {
    // The wire is the test's own here: it stays open.
    const { args, command } = runFirst("sleep 0.3")(commandFor(form));
    const host = `
      const { spawn } = require("node:child_process");
      const args = ${JSON.stringify(args)}.map((arg) => (arg === "PARENT" ? String(process.pid) : arg));
      const env = ${JSON.stringify(environment(shop))};
      spawn(${JSON.stringify(command)}, args, { stdio: ["ignore", 2, 2, 3], env });
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);`;
    const launched = observe(
      spawn(process.execPath, ["-e", host], { stdio: ["ignore", "pipe", "pipe", "pipe"] }),
    );
    const { stderr, wire } = await launched.ended;
    expect(stderr).toContain("the host is not the parent");
    expect(wire).toBe("");
  });

  it("dies with a host that is killed", async () => {
    const { command, args } = commandFor(form);
    const host = `
      const { spawn } = require("node:child_process");
      const args = ${JSON.stringify(args)}.map((arg) => (arg === "PARENT" ? String(process.pid) : arg));
      const env = ${JSON.stringify(environment(shop))};
      spawn(${JSON.stringify(command)}, args, { stdio: ["ignore", "ignore", 2, 3], env });`;
    const child = spawn(process.execPath, ["-e", host], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
    const launched = observe(child);
    const pid = Number(await launched.line);
    expect(pid).toBeGreaterThan(0);
    child.kill("SIGKILL");
    expect(await isGone(pid)).toBe(true);
  });

  it("dies with the thread of the host that spawned it", async () => {
    const { command, args } = commandFor(form);
    const host = `
      const { parentPort } = require("node:worker_threads");
      const { spawn } = require("node:child_process");
      const args = ${JSON.stringify(args)}.map((arg) => (arg === "PARENT" ? String(process.pid) : arg));
      const env = ${JSON.stringify(environment(shop))};
      const child = spawn(${JSON.stringify(command)}, args, { stdio: ["ignore", "ignore", "ignore", "pipe"], env });
      child.stdio[3].once("data", () => parentPort.postMessage(child.pid));`;
    const worker = new Worker(host, { eval: true });
    const pid = await new Promise<number>((resolve) => worker.once("message", resolve));
    await worker.terminate();
    expect(await isGone(pid)).toBe(true);
  });
});

/** The command line of the program that sleeps, with PARENT where the parent's id belongs. */
function commandFor(form: Form): Command {
  const { command, args } = stage0Command({
    stage0: form === "c" ? shop.binary : null,
    stage0Script: shop.script,
    node: shop.node,
    args: ["--no-warnings", sleep],
    read: [...libraryPaths, shop.directory],
    landlock: true,
    keep: 4,
  });
  return { command, args: args.toSpliced(args.indexOf("-p") + 1, 1, "PARENT") };
}

describe.runIf(forms.length === 2)("stage 0 in C and in TypeScript", () => {
  it.each(isRoot ? (["self", "nobody"] as const) : (["self"] as const))(
    "have the same effect (%s)",
    async (user) => {
      const disk = openSync(`${shop.directory}/openssl.cnf`, "r");
      try {
        for (const options of [{ user }, { user, landlock: false }, { user, disk }]) {
          const [c, ts] = await Promise.all([report("c", options), report("ts", options)]);
          expect(ts).toEqual(c);
        }
      } finally {
        closeSync(disk);
      }
    },
  );

  it("have the same exit codes", () => {
    const source = readFileSync(new URL("../../src/jail/stage0/stage0.c", import.meta.url), "utf8");
    const names = /enum \{ USAGE = (\d+), ([^}]*) \}/.exec(source);
    const [first = "", rest = ""] = names?.slice(1) ?? [];
    const codes = ["USAGE", ...rest.split(", ")].map((name, index) => [
      name.toLowerCase(),
      Number(first) + index,
    ]);
    expect(Object.fromEntries(codes)).toEqual(failures);
  });
});

describe("the package's binary", () => {
  it.runIf(forms.includes("c"))("is static", () => {
    const { stdout } = spawnSync("ldd", [shop.binary], { encoding: "utf8" });
    expect(stdout).not.toContain("libc.so");
  });

  it("is of no use to another program's exit codes", () => {
    expect(stage0Failure(1)).toBe(null);
    expect(stage0Failure(null)).toBe(null);
  });
});
