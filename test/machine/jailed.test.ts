import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JailUnavailableError } from "../../src/errors/jail-unavailable-error.js";
import { type MachineImage, resolveImage } from "../../src/machine/image.js";
import { Machine } from "../../src/machine/machine.js";
import type { CallExit, MachineExit, MachineOptions } from "../../src/machine/types.js";
import { type FakeImages, fakeImages } from "./fake/image.js";

/* Real machines, of the image that the build made. */

const options: MachineOptions = { jail: "required", disk: { bytes: 16 << 20, inodes: 1000 } };
const configuration = {
  hostname: "guest",
  env: { HOME: "/home/user" },
  limits: { memory: 1 << 28, processes: 8, threads: 16, openFiles: 64 },
};
const directory = mkdtempSync(join(tmpdir(), "secure-exec-jailed-"));
let real: MachineImage;
let fakes: FakeImages;
beforeAll(async () => {
  real = await resolveImage();
  fakes = await fakeImages();
});
afterAll(() => {
  fakes.remove();
  rmSync(directory, { recursive: true });
});

interface Outcome {
  stdout: string;
  stderr: string;
  exit: CallExit | null;
  lost: MachineExit | null;
}

function run(machine: Machine, code: string): Promise<Outcome> {
  const outcome: Outcome = { stdout: "", stderr: "", exit: null, lost: null };
  return new Promise((resolve) => {
    const call = machine.start(
      {
        code,
        args: [],
        env: {},
        cwd: "/home/user",
        timeout: null,
        memory: 1 << 28,
        entry: { kind: "code", filePath: null },
        valueLimit: 1000,
      },
      {
        stdout(bytes, consumed) {
          outcome.stdout += Buffer.from(bytes).toString();
          consumed(bytes.length);
        },
        stderr(bytes, consumed) {
          outcome.stderr += Buffer.from(bytes).toString();
          consumed(bytes.length);
        },
        stuck: () => machine.kill("timeout"),
        exit: (exit) => resolve({ ...outcome, exit }),
        lost: (lost) => resolve({ ...outcome, lost }),
      },
    );
    call.endStdin();
  });
}

for (const stage0 of ["the binary", "the script"] as const) {
  describe(`a machine behind ${stage0} of stage 0`, () => {
    const image = (): MachineImage => (stage0 === "the script" ? { ...real, stage0: null } : real);

    test("is verified by the host, runs code, and leaves its disk to the next", async () => {
      const machine = await Machine.launch(options, image());
      expect(machine.isolation).toMatchObject({ level: "jailed", seccomp: true, verified: "host" });
      expect(machine.isolation.oomScoreAdj).toBe(1000);
      expect(machine.check).toBe(null);
      await machine.configure(configuration);
      const { stdout, stderr, exit } = await run(
        machine,
        `import { writeFileSync } from "node:fs";
writeFileSync("kept.txt", "kept");
console.log(process.version);
__return([1]);`,
      );
      expect(stderr).toBe("");
      expect(stdout).toBe("v26.10.0\n");
      expect(exit).toMatchObject({ exitCode: 0, termination: null, value: Buffer.from("[1]") });
      machine.kill("killed");
      await machine.exited;

      const { disk } = machine;
      if (disk === null) throw new Error("the machine has no memfd");
      const next = await Machine.launch({ ...options, disk: { ...options.disk, fd: disk.fd } }, image());
      disk.close();
      disk.close();
      expect(next.disk).toBe(null);
      expect(next.check).toMatchObject({ formatted: false, problems: [] });
      await next.configure(configuration);
      const { data } = await next.fs({ op: "readFile", path: "/home/user/kept.txt", limit: 100 });
      expect(data?.toString()).toBe("kept");
      next.kill("killed");
      await next.exited;
    });
  });
}

test("a fatal error of V8 is the end of the machine, told without facts of the host", async () => {
  const machine = await Machine.launch(options, real);
  await machine.configure(configuration);
  const { lost } = await run(machine, "'ab'.repeat(1e8).split('')");
  expect(lost).toMatchObject({ reason: "crashed", exitCode: null });
  expect(lost?.stderr).toMatch(/invalid size error/u);
  expect(lost?.stderr).not.toMatch(/\/work|\/home|node_modules|0x/u);
  machine.disk?.close();
});

describe("what is not locked is refused", () => {
  test("a process without any filter", async () => {
    const stage0 = join(directory, "none");
    writeFileSync(stage0, '#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n');
    chmodSync(stage0, 0o755);
    const image = fakes.image("normal", { stage0, node: real.node });
    const error = await Machine.launch(options, image).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(JailUnavailableError);
    expect(error).toMatchObject({ missing: expect.stringContaining("without a seccomp filter") });
  });

  test("a process that has been through stage 0 alone", async () => {
    const fake = fakes.image("normal", {
      stage0: real.stage0,
      stage0Script: real.stage0Script,
      node: real.node,
    });
    const image = { ...fake, read: [...real.read, join(fake.kernel, "..")] };
    const error = await Machine.launch(options, image).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(JailUnavailableError);
    expect(error).toMatchObject({ missing: expect.stringMatching(/\d seccomp filters in place of \d/u) });
  });
});

test("machines leave no descriptor behind, however they end", async () => {
  const count = (): number => readdirSync("/proc/self/fd").length;
  const round = async (end: (machine: Machine) => void): Promise<void> => {
    const machine = await Machine.launch(options, real);
    end(machine);
    await machine.exited;
    machine.disk?.close();
  };
  await round((machine) => machine.kill("killed"));
  const before = count();
  for (let times = 0; times < 5; times++) {
    await round((machine) => machine.kill("killed"));
    await round((machine) => void process.kill(machine.pid, "SIGSEGV"));
  }
  expect(count()).toBe(before);
});
