// What the platform packages are made of. Runs on Node 20.19 and newer.
import { copyFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));
export const stage0Source = join(root, "src/jail/stage0/stage0.c");

/** The platform package of this computer; null where there is none. */
export function platformPackage() {
  const { platform, arch } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) return null;
  const directory = join(root, "packages", `node-linux-${arch}`);
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return { directory, manifest, arch, bin: join(directory, "bin") };
}

/** The npm package that the Node binary comes from; null where npm has not installed it. */
export function nodeSource({ manifest, arch, directory }) {
  const name = `node-linux-${arch}`;
  let file;
  try {
    file = createRequire(join(directory, "package.json")).resolve(`${name}/package.json`);
  } catch {
    return null;
  }
  const { version } = JSON.parse(readFileSync(file, "utf8"));
  if (version !== manifest.nodeVersion) {
    throw new Error(`${name} is ${version}; ${manifest.name} is made of ${manifest.nodeVersion}`);
  }
  return { directory: dirname(file), node: join(dirname(file), "bin/node") };
}

/** Puts `source` at `target`: as a hard link, or as a copy where the file systems differ. */
export function place(source, target) {
  if (existsSync(target) && isSame(statSync(source), statSync(target))) return;
  const temporary = `${target}.${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    linkSync(source, temporary);
  } catch {
    copyFileSync(source, temporary);
  }
  renameSync(temporary, target);
}

function isSame(source, target) {
  if (source.dev === target.dev && source.ino === target.ino) return true;
  // A copy made by this script is younger than its source and as long.
  return source.size === target.size && target.mtimeMs >= source.mtimeMs;
}
