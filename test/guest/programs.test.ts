import { spawn } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { plainNode } from "../programs/plain-node.js";
import { buildGuest, TestMachine } from "./harness.js";
import { type Program, programs } from "./programs.js";

const home = "/tmp";

interface Ended {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs a program on the pinned Node itself, with pipes as standard streams and nothing in its environment. */
function plain({ code, args = [], stdin = "", env = {} }: Program): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(plainNode, ["--input-type=module", "-e", code, "--", ...args], {
      argv0: "node",
      cwd: home,
      env: { HOME: home, TZ: "UTC", ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    child.on("close", (code, signal) => {
      resolve({ stdout, stderr, exitCode: code ?? 128 + (signalNumbers[signal as string] ?? 0) });
    });
  });
}

const signalNumbers: Record<string, number> = { SIGTERM: 15, SIGINT: 2, SIGABRT: 6, SIGKILL: 9 };

/** A warning names the process. */
function withoutPid(text: string): string {
  return text.replace(/^\(node:\d+\)/gm, "(node:pid)");
}

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});

describe("a guest program and plain Node", () => {
  it.each(programs.map((each) => [each.name, each] as const))("%s", async (_name, each) => {
    const expected = await plain(each);
    const { code, args = [], stdin = "", env = {} } = each;
    const found = await machine.run({ code, args, stdin, cwd: home, env: { HOME: home, TZ: "UTC", ...env } });
    expect({
      stdout: found.stdout,
      stderr: withoutPid(found.stderr),
      exitCode: found.exitCode & 255,
    }).toEqual({
      stdout: expected.stdout,
      stderr: withoutPid(expected.stderr),
      exitCode: expected.exitCode,
    });
  });
});
