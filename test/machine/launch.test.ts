import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.js";
import { type FakeImages, fakeImages } from "./fake/image.js";
import type { Mode } from "./fake/kernel.js";

const options = { jail: "unsafe-none", disk: { bytes: 1 << 20, inodes: 100 } } as const;
const directory = mkdtempSync(join(tmpdir(), "secure-exec-launch-"));
let images: FakeImages;
beforeAll(async () => {
  images = await fakeImages();
});
afterAll(() => {
  images.remove();
  rmSync(directory, { recursive: true });
});

async function failure(mode: Mode, node?: string): Promise<Error & { code?: string }> {
  const image = images.image(mode, node === undefined ? {} : { node });
  const result = await Machine.launch(options, image).catch((error: Error) => error);
  expect(result).toBeInstanceOf(Error);
  return result as Error;
}

describe("a launch fails with what happened", () => {
  const modes: [Mode, string, RegExp][] = [
    ["quit", "ERR_SECURE_EXEC_JAIL_UNAVAILABLE", /no seccomp here/u],
    ["abort", "ERR_SECURE_EXEC_MACHINE_EXITED", /could not be started \(SIGABRT\)/u],
    ["mute", "ERR_SECURE_EXEC_MACHINE_EXITED", /could not be started \(exit code 7\)/u],
    ["garbage", "ERR_SECURE_EXEC_PROTOCOL", /version 49 of the wire/u],
    ["early", "ERR_SECURE_EXEC_PROTOCOL", /configured before ready/u],
    ["old", "ERR_SECURE_EXEC_NODE_UNAVAILABLE", /v20\.0\.0/u],
    ["liar", "ERR_SECURE_EXEC_PROTOCOL", /not a memfd/u],
    ["close", "ERR_SECURE_EXEC_MACHINE_EXITED", /could not be started/u],
  ];
  for (const [mode, code, message] of modes) {
    test(mode, async () => {
      const error = await failure(mode);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    });
  }

  test("when the program can't be executed", async () => {
    const path = join(directory, "locked");
    writeFileSync(path, "x");
    const error = await failure("normal", path);
    expect(error).toMatchObject({ code: "ERR_SECURE_EXEC_MACHINE_EXITED", reason: "launch" });
    expect(error.message).toMatch(/EACCES.*may not be executed/u);
    expect(error.cause).toMatchObject({ code: "EACCES" });
  });

  test("when there is no program", async () => {
    expect((await failure("normal", join(directory, "missing"))).cause).toMatchObject({ code: "ENOENT" });
  });

  test("when the program is something else, with its words", async () => {
    const path = join(directory, "other");
    writeFileSync(path, "#!/bin/sh\necho to stdout\necho to stderr >&2\nexit 4\n");
    chmodSync(path, 0o755);
    const error = await failure("normal", path);
    expect(error.message).toMatch(/exit code 4/u);
    expect(error.message).toContain("to stdout");
    expect(error.message).toContain("to stderr");
  });

  test("when its words are endless", async () => {
    const path = join(directory, "talker");
    writeFileSync(path, "#!/bin/sh\nhead -c 50000000 /dev/zero | tr '\\0' x\nexit 4\n");
    chmodSync(path, 0o755);
    expect((await failure("normal", path)).message.length).toBeLessThan(3000);
  });
});

test("a disk that is given is taken, stays the caller's, and has to be that one", async () => {
  const path = join(directory, "disk");
  writeFileSync(path, Buffer.alloc(4096));
  const fd = openSync(path, "r+");
  const disk = { ...options.disk, fd };
  const machine = await Machine.launch({ ...options, disk }, images.image());
  expect(machine.disk).toBe(null);
  expect(machine.check).toEqual({ repaired: 1, problems: ["one"], formatted: false });
  machine.kill("killed");
  await machine.exited;
  closeSync(fd);
});

test("what the host knows about a machine without a jail is told as such", async () => {
  const timings: unknown[] = [];
  const machine = await Machine.launch(
    { ...options, onBootTiming: (timing) => timings.push(timing) },
    images.image(),
  );
  expect(machine.isolation).toEqual({
    level: "none",
    seccomp: false,
    landlock: 0,
    verified: "none",
    oomScoreAdj: 1000,
    uid: process.geteuid?.(),
  });
  expect(timings).toEqual([
    { spawned: expect.any(Number), ready: expect.any(Number), verified: expect.any(Number) },
  ]);
  machine.kill("killed");
  await machine.exited;
});
