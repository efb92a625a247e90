import type { Disk } from "../../disk/disk.js";
import { O_RDONLY, S_IFMT, S_IFREG } from "../../disk/modes.js";
import { EACCES, EBUSY, ELOOP, ENOENT, ENOEXEC, ENOTDIR } from "../../syscall/errno.js";

/** A program that can be run. */
export interface Executable {
  /** Null for Node, else the name of a command of /bin. */
  command: string | null;
  /** Its arguments without the name. */
  args: string[];
  /** The real paths of what is run: of a script, and of what interprets it. */
  files: string[];
}

/** What the operating system looks through for a name when there is no PATH. */
const DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";

/** How many directories of PATH are looked through: the kernel has other work too. */
const MAX_DIRECTORIES = 256;

/** How many interpreters may interpret interpreters. */
const MAX_INTERPRETERS = 4;

/** As much of a first line as Linux reads. */
const FIRST_LINE = 256;

const X_OK = 1;

/** Where Node is, and where the commands are that come with the machine. */
export const NODE_PATH = "/usr/local/bin/node";
const COMMANDS = "/bin/";

/** All that is in the file of Node, a name to run and not bytes to load: by it a copy is known. */
export const NODE_FILE = `#!${NODE_PATH}\n// Node itself: a copy of this file is one of Node.\n`;
const ENV = "/bin/env";

/**
 * Finds the program that a file name means, as `execvp` does. `disk` sees what the caller may see, and its
 * working directory is that of the process to come. A negative errno where there is none.
 */
export function findExecutable(
  disk: Disk,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Executable | number {
  return search({ disk, path: env["PATH"] ?? DEFAULT_PATH, left: MAX_DIRECTORIES }, file, args.slice(1), []);
}

/** What a search looks at. */
interface Places {
  disk: Disk;
  /** The directories of PATH. */
  path: string;
  /** How many more directories are looked into, for all names together. */
  left: number;
}

function search(places: Places, file: string, args: string[], before: string[]): Executable | number {
  if (file === "") return -ENOENT;
  if (file.includes("/")) return load(places, file, args, before);
  let refused = -ENOENT;
  for (const directory of places.path.split(":", MAX_DIRECTORIES)) {
    if (--places.left < 0) break;
    const found = load(places, `${directory || "."}/${file}`, args, before);
    if (typeof found !== "number") return found;
    // As the C library: what may not be run is told only where nothing else is found.
    if (found === -EACCES) refused = found;
    else if (found !== -ENOENT && found !== -ENOTDIR) return found;
  }
  return refused;
}

function load(places: Places, path: string, args: string[], before: string[]): Executable | number {
  const { disk } = places;
  if (before.length > MAX_INTERPRETERS) return -ELOOP;
  const trouble = refusal(disk, path);
  if (trouble < 0) return trouble;
  const real = resolved(disk, path);
  if (typeof real === "number") return real;
  const files = [...before, real];
  if (real === NODE_PATH) return { command: null, args, files };
  const beginning = read(disk, path);
  if (typeof beginning === "number") return beginning;
  if (beginning === NODE_FILE) return { command: null, args, files };
  const [line = ""] = beginning.split("\n", 1);
  if (real.startsWith(COMMANDS) && line === COMMAND_LINE)
    return { command: real.slice(COMMANDS.length), args, files };
  const [, interpreter, argument] = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (interpreter === undefined) return -ENOEXEC;
  if (argument === undefined || argument === "") return load(places, interpreter, [path, ...args], files);
  // `env` would do nothing but this, in a process of its own. It says itself what it doesn't find.
  if (/^[^-=\s]+$/.test(argument) && resolved(disk, interpreter) === ENV) {
    const meant = search(places, argument, [path, ...args], [...files, ENV]);
    if (typeof meant !== "number" || meant === -EBUSY) return meant;
  }
  return load(places, interpreter, [argument, path, ...args], files);
}

/** The first line of a command of /bin, by which the machine's own are told from what replaced them. */
export const COMMAND_LINE = "#!/usr/local/bin/node --command";

/** 0 for a regular file that may be run. */
function refusal(disk: Disk, path: string): number {
  const stat = new Float64Array(18);
  const found = disk.stat(path, stat);
  if (found < 0) return found;
  if (((stat[1] as number) & S_IFMT) !== S_IFREG) return -EACCES;
  return disk.access(path, X_OK);
}

function resolved(disk: Disk, path: string): string | number {
  const length = disk.realpath(path);
  return length < 0 ? length : Buffer.from(disk.result.subarray(0, length)).toString("utf8");
}

/** As much of a file as its first line may have. */
function read(disk: Disk, path: string): string | number {
  const file = disk.open(path, O_RDONLY, 0);
  // A file that may be run but not read is no script.
  if (file < 0) return file;
  const bytes = Buffer.alloc(FIRST_LINE);
  const count = disk.read(file, bytes, 0, FIRST_LINE, 0);
  disk.close(file);
  if (count < 0) return count;
  return bytes.toString("utf8", 0, count);
}
