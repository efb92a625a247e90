/**
 * The command line that starts a machine through stage 0, the program which gives up what must be given
 * up before Node runs: `stage0 -k <kept descriptors> -p <parent> [-n] [-r <path>]… -- <node> <argument>…`
 */

export interface Stage0Options {
  /** The static binary, or null where the platform package has none; the script serves then. */
  stage0: string | null;
  /** The same steps in JavaScript, dist/image/stage0.cjs. */
  stage0Script: string;
  /** The pinned Node. */
  node: string;
  /** Node's own flags, its script and that script's arguments. */
  args: readonly string[];
  /** Absolute paths that the machine may read, directories with all that is in them. */
  read: readonly string[];
  /** Whether to put on Landlock where the system has it. */
  landlock: boolean;
  /** Descriptors that the machine keeps, from 0 up: standard input and outputs, the wire, a disk. 4 or 5. */
  keep: number;
}

export interface Command {
  command: string;
  args: string[];
}

/** Node's flags for the script: those of the machine, so that nothing else starts with it. */
const scriptFlags = ["--no-warnings", "--disable-sigusr1", "--no-addons"];

/** What dynamic linking of Node needs to read, on the usual distributions. */
export const libraryPaths: readonly string[] = [
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  "/etc/ld.so.cache",
];

export function stage0Command(options: Stage0Options): Command {
  const { stage0, stage0Script, node, args, read, landlock, keep } = options;
  const own = ["-k", String(keep), "-p", String(process.pid)];
  if (!landlock) own.push("-n");
  for (const path of [node, ...read]) own.push("-r", path);
  own.push("--", node, ...args);
  if (stage0 !== null) return { command: stage0, args: own };
  return { command: node, args: [...scriptFlags, stage0Script, ...own] };
}
