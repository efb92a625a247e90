import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { expect } from "vitest";
import { packageFiles } from "./packages.ts";
import { type Ended, runPlain } from "./plain-node.ts";

const home = "/home/user";

/** The programs of a folder, by name. */
export function programsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".mjs"));
}

/**
 * Runs a program in a guest and by plain Node, both on the same files, and expects the same of both. Its
 * first line names the packages that it needs.
 */
export async function sameAsPlain(program: string, installed: string): Promise<void> {
  const code = readFileSync(program, "utf8");
  const [, needs] = /^\/\/ needs: (.*)$/m.exec(code) ?? [];
  const files = packageFiles(needs?.split(", ") ?? [], installed);
  const [ours, plain] = await Promise.all([runInGuest(code, files), runOutside(code, files)]);
  expect(ours.stderr).toBe(plain.stderr);
  expect(ours.stdout).toBe(plain.stdout);
  expect(ours.exitCode).toBe(plain.exitCode);
  expect(plain.stdout).not.toBe("");
}

async function runInGuest(code: string, files: Record<string, Uint8Array>): Promise<Ended> {
  await using runtime = await NodeRuntime.create({ files, limits: { memoryBytes: 1 << 30 } });
  return await runtime.exec(code, { timeout: 50_000 });
}

/** Plain Node's output, as if its folder were the guest's home. */
async function runOutside(code: string, files: Record<string, Uint8Array>): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  try {
    for (const [path, bytes] of Object.entries(files)) {
      const file = path.replace(home, folder);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    const ended = await runPlain(["--input-type=module", "--eval", code], folder);
    const atHome = (text: string): string => text.replaceAll(folder, home);
    return { ...ended, stdout: atHome(ended.stdout), stderr: atHome(ended.stderr) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
