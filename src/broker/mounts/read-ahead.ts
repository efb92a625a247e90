import type { Answer } from "./answer.js";
import { dependenciesIn, placeOfPackage } from "./packages.js";
import type { Told, ToldDirectory } from "./told.js";

/*
 * What a machine will probably ask for next is sent along: the directories on the way to a file and the file itself,
 * then the modules and directories of the package that it is in, then the packages that this depends on. What comes
 * once does not come again before it changes.
 */

/** Directories of a package, names, files and bytes that are sent for one request, beside what is on the way. */
const DIRECTORIES = 64;
const NAMES = 4000;
const FILES = 400;
const BYTES = 2 * 1024 * 1024;
/** Files of a package that nobody has asked for yet. */
const OF_ANOTHER = 48;
/** Directories of one that are asked for before others beside them are sent. */
const MANY = 4;
/** How many of those are sent at a time: few of many, and of a few twice as many each time. */
const NEIGHBOURS = 8;
const MOST_NEIGHBOURS = 64;
const FEW = 256;
/** Larger files are sent when they are asked for. */
const LARGEST = 128 * 1024;

/** What programs run, of packages too, and what compilers read. */
const code = /(?<!\.d)\.(?:[cm]?js|json|[cm]?tsx?|jsx)$/;
const scripts = /\.(?:[cm]?js|json)$/;
const declarations = /\.d\.[cm]?ts$|^package\.json$/;

/** Directories of packages that nobody loads modules from. */
const aside = /^(?:node_modules|\..*|__tests__|tests?|docs?|examples?|bench(?:marks?)?|coverage)$/;

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
      if (isSmall(at, name)) await answer.content(path);
      break;
    }
  }
  return at;
}

/** The modules in a directory and below it, if it is a package or in one. `asked`: what somebody was after. */
export async function sendPackage(
  answer: Answer,
  told: Told,
  directory: ToldDirectory,
  asked: string,
): Promise<void> {
  const wanted = declarations.test(asked) && asked !== "package.json" ? declarations : code;
  await sendModules(answer, told, directory, wanted, FILES);
}

async function sendModules(
  answer: Answer,
  told: Told,
  directory: ToldDirectory,
  wanted: RegExp,
  most: number,
): Promise<void> {
  if (!isOfPackage(told, directory)) return;
  const end = answer.files + most;
  const queue = [directory];
  let directories = DIRECTORIES;
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const name of at.files.keys()) {
      if (!isSmall(at, name) || !wanted.test(name)) continue;
      if (answer.files >= end || isEnough(answer)) return;
      await answer.content([...at.path, name]);
    }
    for (const name of at.directories) {
      const path = [...at.path, name];
      if (aside.test(name) || told.get(path) !== undefined) continue;
      if (directories-- === 0 || isEnough(answer)) return;
      queue.push(await answer.names(path));
    }
  }
}

/** The packages that those depend on which have been sent, and what these depend on. */
export async function sendDependencies(answer: Answer, told: Told): Promise<void> {
  const tell = async (path: readonly string[]): Promise<ToldDirectory> =>
    told.get(path) ?? (await answer.names(path));
  for (let next = answer.manifests.shift(); next !== undefined; next = answer.manifests.shift()) {
    for (const name of dependenciesIn(next.bytes)) {
      if (isEnough(answer)) return;
      const place = await placeOfPackage(told, tell, next.directory, name);
      if (place === null || told.get(place) !== undefined) continue;
      await sendModules(answer, told, await answer.names(place), scripts, OF_ANOTHER);
    }
  }
}

/** Some packages beside one, where many of them have been asked for: who loads many loads more. */
export async function sendNeighbours(answer: Answer, told: Told, path: readonly string[]): Promise<void> {
  const directory = path.length === 0 ? undefined : told.get(path.slice(0, -1));
  if (directory === undefined || ++directory.asked < MANY) return;
  let left = neighboursOf(directory);
  for (const name of directory.directories) {
    const neighbour = [...directory.path, name];
    if (aside.test(name) || told.get(neighbour) !== undefined) continue;
    if (left-- === 0 || isEnough(answer)) return;
    await sendModules(answer, told, await answer.names(neighbour), scripts, OF_ANOTHER);
  }
}

function isEnough({ entries, files, bytes }: Answer): boolean {
  return entries >= NAMES || files >= FILES || bytes >= BYTES;
}

function neighboursOf({ asked, directories }: ToldDirectory): number {
  if (directories.size > FEW) return Math.min(NEIGHBOURS, asked >> 1);
  return Math.min(MOST_NEIGHBOURS, NEIGHBOURS << Math.min(asked - MANY, 3));
}

/** Whether a directory is a package or in one, as far as the machine has been told. */
function isOfPackage(told: Told, { path }: ToldDirectory): boolean {
  for (let depth = path.length; depth >= 0 && path[depth - 1] !== "node_modules"; depth--) {
    if (told.get(path.slice(0, depth))?.files.has("package.json") === true) return true;
  }
  return false;
}

function isSmall({ files, sent }: ToldDirectory, name: string): boolean {
  const size = files.get(name);
  return size !== undefined && size > 0 && size <= LARGEST && !sent.has(name);
}
