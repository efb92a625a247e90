import { getEventListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { CallOptions } from "../../src/runtime/options/call-options.js";
import { Runtime } from "../../src/runtime/runtime.js";
import { FakeLauncher, type Program } from "./fake-machine.js";

const forEver: Program = () => {};

async function boot(program?: Program, options: Record<string, unknown> = {}) {
  const launcher = new FakeLauncher(program);
  const runtime = await Runtime.start(options, launcher.launch);
  const exec = (code = "", callOptions?: CallOptions) => runtime.call(code, callOptions, false);
  return { launcher, runtime, exec };
}

/** How long a call took, and what came of it. */
async function timed<T>(call: Promise<T>): Promise<{ took: number; result: T }> {
  const begun = performance.now();
  return { result: await call, took: performance.now() - begun };
}

test("a call's time includes the look at its working directory, and its turn is free afterwards", async () => {
  const { launcher, runtime, exec } = await boot(undefined, { limits: { processes: 1 } });
  launcher.last.answer = () => new Promise(() => {}) as never;
  for (let count = 0; count < 2; count++) {
    const { took, result } = await timed(exec("", { cwd: "/tmp", timeout: 50 }));
    expect(result).toMatchObject({ exitCode: 124, termination: { reason: "timeout", limit: 50 } });
    expect(took).toBeGreaterThan(45);
    expect(took).toBeLessThan(150);
  }
  expect(launcher.last.guests).toHaveLength(0);
  expect(launcher.last.killed).toBe(null);
  expect((await exec("")).exitCode).toBe(0);
  await runtime.dispose();
});

test("a call that is aborted while its working directory is looked at leaves its turn to the next", async () => {
  const { launcher, runtime, exec } = await boot(undefined, { limits: { processes: 1 } });
  launcher.last.answer = () => new Promise(() => {}) as never;
  const controller = new AbortController();
  const call = exec("", { cwd: "/tmp", signal: controller.signal, timeout: 10_000 });
  await pause(5);
  controller.abort(new Error("enough"));
  await expect(call).rejects.toThrow("enough");
  expect((await exec("")).exitCode).toBe(0);
  await runtime.dispose();
});

test("a call that can't be started leaves no clock behind that would end the machine", async () => {
  const { launcher, runtime, exec } = await boot();
  const { last } = launcher;
  const start = last.start;
  last.start = () => {
    throw new RangeError("too large");
  };
  await expect(exec("", { timeout: 20 })).rejects.toThrow("too large");
  last.start = start;
  await pause(150);
  expect(last.killed).toBe(null);
  expect((await exec("")).exitCode).toBe(0);
  await runtime.dispose();
});

test("a timed-out call doesn't wait for a callback that never settles", async () => {
  const { runtime, exec } = await boot((guest) => {
    guest.write("stdout", "first");
    setTimeout(() => {
      guest.write("stdout", " second");
      guest.exit({
        exitCode: 124,
        signal: "SIGKILL",
        termination: { reason: "timeout", limit: 50 },
      });
    }, 55);
  });
  const heard: string[] = [];
  const onStdout = (text: string) => {
    heard.push(text);
    return new Promise(() => {});
  };
  const { took, result } = await timed(exec("", { timeout: 50, onStdout }));
  expect(result).toMatchObject({ exitCode: 124, stdout: "first second" });
  expect(took).toBeLessThan(160);
  expect(heard).toEqual(["first"]);
  await runtime.dispose();
});

test("nor does one whose machine died, or had to", async () => {
  const stuck = await boot((guest) => {
    guest.write("stdout", "out");
    setTimeout(() => guest.handlers.stuck("timeout"), 60);
  });
  const onStdout = () => new Promise(() => {});
  const first = await timed(stuck.exec("", { timeout: 20, onStdout }));
  expect(first.result).toMatchObject({ exitCode: 124, stdout: "out" });
  expect(first.took).toBeLessThan(140);
  await stuck.runtime.dispose();

  const mute = await boot((guest) => guest.write("stdout", "out"));
  const second = await timed(mute.exec("", { timeout: 20, onStdout }));
  expect(second.result).toMatchObject({ exitCode: 124, stdout: "out" });
  expect(second.took).toBeLessThan(150);
  await mute.runtime.dispose();

  const dying = await boot((_guest, machine) => machine.die({ reason: "memory" }));
  expect((await dying.exec("", { onStdout })).exitCode).toBe(137);
  await dying.runtime.dispose();
});

test("a callback that takes its time within what is left gets all output of a killed program", async () => {
  const { runtime, exec } = await boot((guest) => {
    guest.write("stdout", "a");
    guest.write("stderr", "b");
    guest.exit({ exitCode: 137, signal: "SIGKILL", termination: { reason: "memory", limit: 1 } });
  });
  const heard: string[] = [];
  const slow = async (text: string) => {
    await pause(10);
    heard.push(text);
  };
  await exec("", { onStdout: slow, onStderr: slow });
  expect(heard).toEqual(["a", "b"]);
  await runtime.dispose();
});

test("many calls put one listener on a signal, and take it away", async () => {
  const { launcher, runtime, exec } = await boot(forEver);
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = () => getEventListeners(signal, "abort").length;
  const calls = Array.from({ length: 30 }, () => exec("", { signal }));
  expect(listeners()).toBe(1);
  await pause(10);
  for (const guest of launcher.last.guests.slice(1)) guest.exit();
  await Promise.all(calls.slice(1));
  expect(listeners()).toBe(1);
  controller.abort(new Error("enough"));
  await expect(calls[0]).rejects.toThrow("enough");
  expect(listeners()).toBe(0);

  const other = new AbortController();
  const again = [exec("", { signal: other.signal }), exec("", { signal: other.signal })];
  await pause(10);
  other.abort(new Error("both"));
  for (const call of again) await expect(call).rejects.toThrow("both");
  expect(getEventListeners(other.signal, "abort")).toHaveLength(0);
  await runtime.dispose();
});

test("few bytes are copied at once, many have to stay", async () => {
  const { launcher, runtime, exec } = await boot();
  const few = new Uint8Array(1000).fill(1);
  const written = runtime.files.writeFile("/few", few, undefined);
  structuredClone(few, { transfer: [few.buffer] });
  await written;
  expect(launcher.last.operations.at(-1)?.data).toEqual(new Uint8Array(1000).fill(1));

  const many = () => new Uint8Array(100_000);
  const file = many();
  const refused = runtime.files.writeFile("/many", file, undefined);
  structuredClone(file, { transfer: [file.buffer] });
  await expect(refused).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_INVALID_OPTION", key: "data" });

  const stdin = many();
  const call = exec("", { stdin });
  structuredClone(stdin, { transfer: [stdin.buffer] });
  await expect(call).rejects.toMatchObject({ key: "stdin" });

  const initial = many();
  const created = Runtime.start({ files: { "/a": initial } }, new FakeLauncher().launch);
  structuredClone(initial, { transfer: [initial.buffer] });
  await expect(created).rejects.toMatchObject({ key: `files["/a"]` });
  expect((await exec("")).exitCode).toBe(0);
  await runtime.dispose();
});

test("a machine has so many operations at a time, and the others follow", async () => {
  const { launcher, runtime } = await boot();
  const { last } = launcher;
  const answers: (() => void)[] = [];
  last.answer = () => {
    const nothing = { value: null, data: null, entries: null };
    return new Promise((resolve) => answers.push(() => resolve(nothing))) as never;
  };
  const written = Array.from({ length: 300 }, (_, i) => runtime.files.writeFile(`/${i}`, "x", undefined));
  await pause(5);
  expect(last.operations).toHaveLength(256);
  for (const answer of answers.splice(0)) answer();
  await pause(5);
  expect(last.operations).toHaveLength(300);
  for (const answer of answers.splice(0)) answer();
  await Promise.all(written);
  await runtime.dispose();
});
