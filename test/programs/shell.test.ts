import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeRuntime } from "../../src/index.js";
import { commands } from "../../src/programs/commands.js";
import { commandNames } from "../../src/programs/names.js";
import { commandScripts } from "./command-scripts.js";
import { scripts } from "./scripts.js";

/* The guest's shell beside the shell of this computer. */

interface Outcome {
  stdout: string;
  stderr: string;
  status: number | null;
}

const BASH = "/bin/bash";
let rt: NodeRuntime;
let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "secure-exec-shell-"));
  rt = await NodeRuntime.create();
});

afterAll(async () => {
  await rt.dispose();
  rmSync(directory, { recursive: true });
});

/** What bash says, under the name that the guest's shell has. */
function expected(script: string): Outcome {
  const env = { PATH: "/usr/bin:/bin", HOME: "/home/user" };
  const args = ["--norc", "-c", script, "sh", "x1", "x2"];
  const cwd = mkdtempSync(join(directory, "run-"));
  const { stdout, stderr, status } = spawnSync(BASH, args, { cwd, env, encoding: "utf8" });
  return { stdout, stderr, status };
}

async function guest(script: string): Promise<Outcome> {
  const { value, stderr } = await rt.run<Outcome>(
    `import { spawnSync } from "node:child_process";
     import { mkdtempSync } from "node:fs";
     const cwd = mkdtempSync("/tmp/run-");
     const args = ["-c", ${JSON.stringify(script)}, "sh", "x1", "x2"];
     const { stdout, stderr, status } = spawnSync("sh", args, { cwd, encoding: "utf8" });
     __return({ stdout, stderr, status });`,
    { timeout: 20_000 },
  );
  if (value === undefined) throw new Error(stderr);
  return value;
}

test.skipIf(!existsSync(BASH)).each([...scripts, ...commandScripts])("%s", async (script) => {
  expect(await guest(script)).toEqual(expected(script));
});

test("every command is in /bin by its name", () => {
  expect(commandNames).toEqual(Object.keys(commands));
});
