import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/** Bundles the disk as guests and the kernel get it, for worker threads and child processes. */
export async function bundleDisk(): Promise<{ file: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "secure-exec-disk-"));
  const file = join(folder, "disk.cjs");
  await build({
    input: fileURLToPath(new URL("../../src/disk/disk.ts", import.meta.url)),
    platform: "node",
    output: { file, format: "cjs" },
    logLevel: "silent",
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
