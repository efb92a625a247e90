import { readdirSync, readFileSync } from "node:fs";
import { NodeRuntime } from "secure-exec";
import { expect } from "vitest";
import { packageFiles } from "./packages.ts";
import { PlainHome } from "./plain-home.ts";
import type { Ended } from "./plain-node.ts";

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
  await using runtime = await NodeRuntime.create({ files, limits: { memoryBytes: 1 << 30 } });
  await moduleSameAsPlain(runtime, code, files);
}

/** Runs a module in a runtime that began with `files`, and by plain Node on the same, and expects the same of both. */
export async function moduleSameAsPlain(
  runtime: NodeRuntime,
  code: string,
  files: Record<string, Uint8Array>,
): Promise<void> {
  using plain = new PlainHome(files);
  const [ours, theirs] = await Promise.all([
    runtime.exec(code, { timeout: 50_000 }),
    plain.node(["--input-type=module", "--eval", code]),
  ]);
  expectSame(ours, theirs);
  expect(theirs.stdout).not.toBe("");
}

/** Errors first: they tell most. */
export function expectSame(ours: Ended, plain: Ended): void {
  expect(ours.stderr).toBe(plain.stderr);
  expect(ours.stdout).toBe(plain.stdout);
  expect(ours.exitCode).toBe(plain.exitCode);
}
