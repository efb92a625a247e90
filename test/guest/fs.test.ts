import { execFile, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { plainNode } from "../programs/plain-node.js";
import { buildGuest, TestMachine } from "./harness.js";

/** What a program printed: the results of its cases, and its warnings. */
interface Outcome {
  results: [name: string, result: unknown][];
  stderr: string;
}

const folder = fileURLToPath(new URL("fs/", import.meta.url));
const prelude = readFileSync(join(folder, "prelude.mjs"), "utf8");
const input = "what comes in";
/** The guest's user, which the plain process is to be as well: permissions show in many results. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

let source: string;
beforeAll(async () => {
  source = await buildGuest();
});

function outcome(stdout: string, stderr: string, cwd: string): Outcome {
  const warnings = stderr.replace(/\(node:\d+\)/g, "(node)").replaceAll(cwd, "<cwd>");
  expect(stdout, warnings).toMatch(/^\[/);
  return { results: JSON.parse(stdout), stderr: warnings };
}

function runPlain(code: string): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), "secure-exec-fs-"));
  chmodSync(cwd, 0o755);
  if (user.uid !== undefined) chownSync(cwd, user.uid, user.gid);
  return runPlainIn(cwd, code).finally(() => rmSync(cwd, { recursive: true, force: true }));
}

function runPlainIn(cwd: string, code: string): Promise<Outcome> {
  // Node gives its children sockets; a guest has pipes, and so has what a shell starts.
  const program = '"$0" --input-type=module --eval "$2" 2>&1 1>&3 3>&-';
  const pipes = `ulimit -n 256; { printf %s "$1" | ${program} | cat 1>&2; } 3>&1 | cat`;
  return new Promise<Outcome>((resolve, reject) => {
    const options = { cwd, ...user, env: {}, maxBuffer: 1e8 };
    execFile("/bin/sh", ["-c", pipes, plainNode, input, code], options, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve(outcome(stdout, stderr, cwd));
    });
  });
}

async function runGuest(code: string, size?: { bytes: number; inodes: number }): Promise<Outcome> {
  const machine = new TestMachine(source, size);
  const cwd = "/home/user/work";
  machine.disk.mkdir(cwd, 0o755);
  machine.disk.chown(cwd, 1000, 1000);
  const { stdout, stderr, native } = await machine.run({ code, cwd, stdin: input });
  return outcome(stdout, stderr + native, cwd);
}

function programOf(name: string): string {
  return `${prelude}\n${readFileSync(join(folder, `${name}.mjs`), "utf8")}\nfinish();`;
}

function compare(plain: Outcome, guest: Outcome): void {
  expect(guest.results.map(([title]) => title)).toEqual(plain.results.map(([title]) => title));
  const differing = plain.results.flatMap(([title, result], index) => {
    const other = guest.results[index]?.[1];
    return JSON.stringify(other) === JSON.stringify(result) ? [] : [{ title, plain: result, guest: other }];
  });
  expect(differing).toEqual([]);
  expect(guest.stderr).toBe(plain.stderr);
  expect(plain.results.length).toBeGreaterThan(3);
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
  "modules",
  "devices",
  "proc",
  "blobs",
  "modes",
  "places",
  "closed",
  "exhausted",
  "watching",
  "hostile",
])("%s", (name) => {
  test("gives what plain Node gives", { timeout: 180_000 }, async () => {
    const code = programOf(name);
    compare(await runPlain(code), await runGuest(code));
  });
});

/** A file system in memory that has as much room as the guest's disk; undefined where none can be had. */
function mountLimited({ bytes, inodes }: { bytes: number; inodes: number }): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "secure-exec-full-"));
  const options = `size=${bytes},nr_inodes=${inodes},mode=755,uid=1000,gid=1000`;
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", folder], { stdio: "ignore" });
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

test("a full disk gives what plain Node gives", async ({ skip }) => {
  const size = { bytes: 2 ** 20, inodes: 128 };
  const folder = mountLimited(size);
  if (folder === undefined) return skip("only the superuser can limit a file system");
  try {
    const code = programOf("full");
    compare(await runPlainIn(folder, code), await runGuest(code, size));
  } finally {
    spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  }
});
