import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files of installed packages, named by the guest path they get under `/home/user/node_modules`. */
export function packageFiles(...names: string[]): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const name of names) {
    const folder = join(root, "node_modules", name);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || /\.(map|d\.[cm]?ts|flow)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      files[path.replace(root, "/home/user/")] = readFileSync(path);
    }
  }
  return files;
}

/** The folder in which plain Node finds the same packages. */
export const packagesFolder = root;
