import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The folder whose `node_modules` plain Node uses. */
export const packagesFolder = join(import.meta.dirname, "../..");

/** Nothing that runs reads these, and they make up half of all bytes. TypeScript's own are its library. */
const unread = /\.(map|flow|md|markdown|d\.[cm]?ts)$/;

type Manifest = Partial<
  Record<"dependencies" | "optionalDependencies" | "peerDependencies", Record<string, string>>
>;

/**
 * The files of installed packages and all that they depend on, named by the guest path that they get
 * under `/home/user/node_modules`.
 */
export function packageFiles(names: string[], folder = packagesFolder): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const found of withDependencies(names, folder)) addPackage(files, found, folder);
  return files;
}

/** The folders of packages and of their dependencies, each found from its dependent as Node would. */
function withDependencies(names: string[], folder: string): Set<string> {
  const found = new Set<string>();
  const add = (name: string, from: string, optional: boolean): void => {
    const at = findPackage(name, from, folder);
    if (at === undefined && !optional) throw new Error(`${name}, wanted from ${from}, is not installed`);
    if (at === undefined || found.has(at)) return;
    found.add(at);
    const manifest = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as Manifest;
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    const wanted = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const dependency of Object.keys(wanted)) add(dependency, at, true);
  };
  for (const name of names) add(name, folder, false);
  return found;
}

function findPackage(name: string, from: string, root: string): string | undefined {
  for (let at = from; at.length >= root.length; at = dirname(at)) {
    const path = join(at, "node_modules", name);
    if (existsSync(join(path, "package.json"))) return path;
  }
  return undefined;
}

function addPackage(files: Record<string, Uint8Array>, at: string, root: string): void {
  const skip = at.endsWith("/typescript") ? /\.map$/ : unread;
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && entry.name !== "node_modules") walk(path);
      if (entry.isFile() && !skip.test(entry.name))
        files[`/home/user/${relative(root, path)}`] = readFileSync(path);
    }
  };
  walk(at);
}
