import type { Answer } from "./answer.js";
import type { Told, ToldDirectory } from "./told.js";

/*
 * What a machine will probably ask for next is sent along: the directories on the way to a file and the file itself,
 * `package.json`, the directories of a package, and the modules beside a module.
 */

/** Directories that are sent for one request, beside those on the way. */
const DIRECTORIES = 32;
/** Modules that are sent beside one, their bytes together, and those of the largest. */
const MODULES = 64;
const MODULE_BYTES = 1024 * 1024;
const LARGEST_MODULE = 128 * 1024;

const modulePattern = /\.(?:[cm]?js|json|[cm]?tsx?|jsx)$/;

/** Goes on from a directory along the path that somebody is on, as far as it leads through directories. */
export async function sendWay(
  answer: Answer,
  told: Told,
  from: ToldDirectory,
  ahead: readonly string[],
): Promise<ToldDirectory> {
  let at = from;
  for (const name of ahead) {
    const path = [...at.path, name];
    if (at.directories.has(name)) at = told.get(path) ?? (await answer.names(path));
    else {
      if (isModule(at, name)) await answer.content(path);
      break;
    }
  }
  return at;
}

/** The files beside a directory's names that a package is known by, and its directories. */
export async function sendPackage(answer: Answer, told: Told, directory: ToldDirectory): Promise<void> {
  if (!isModule(directory, "package.json")) return;
  await answer.content([...directory.path, "package.json"]);
  let left = DIRECTORIES;
  for (const name of directory.directories) {
    const path = [...directory.path, name];
    if (name === "node_modules" || told.get(path) !== undefined) continue;
    if (left-- === 0) return;
    await answer.names(path);
  }
}

/** The modules beside a file. */
export async function sendSiblings(answer: Answer, directory: ToldDirectory): Promise<void> {
  let left = MODULES;
  for (const name of directory.files.keys()) {
    if (!isModule(directory, name)) continue;
    if (left-- === 0 || answer.sent > MODULE_BYTES) return;
    await answer.content([...directory.path, name]);
  }
}

function isModule({ files, sent }: ToldDirectory, name: string): boolean {
  const size = files.get(name);
  return (
    size !== undefined && size > 0 && size <= LARGEST_MODULE && !sent.has(name) && modulePattern.test(name)
  );
}
