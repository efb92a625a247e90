import type { Disk } from "../../../disk/disk.js";
import { S_IFDIR, S_IFMT } from "../../../disk/modes.js";
import { EMFILE } from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { checkPath } from "./arguments.js";
import { decodeBytePath, joinPath, toBytePath, toPath } from "./byte-path.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { type Encoding, parseEncoding } from "./encoding.js";
import { type Entry, listDirectory, UV_DIRENT_DIR, UV_DIRENT_LINK } from "./listing.js";
import { finish } from "./names.js";
import { isAsync, type Request, succeed } from "./request.js";

const { ArrayPrototypePush } = primordials;
const Doubles = Float64Array;
const Bytes = Uint8Array;
const Counts = Uint32Array;
const stats = new Doubles(18);

/** `readdir` and `readdirRecursive`. */
export function readDirectoryFunctions({ disk, files }: FsContext): BindingFunctions {
  function readdir(path: unknown, encodingArgument: unknown, types: unknown, request?: Request): unknown {
    const name = checkPath(readdir, path);
    const encoding = parseEncoding(encodingArgument);
    const entries = files.hasRoom(1) ? listDirectory(disk, toBytePath(name)) : -EMFILE;
    if (typeof entries === "number") return finish(readdir, request, entries, "scandir", name);
    const names = decodeNames(entries, encoding);
    const answer = types === true ? [names, typesOf(entries)] : names;
    return isAsync(request) ? succeed(request, answer) : answer;
  }

  function readdirRecursive(
    root: unknown,
    encodingArgument: unknown,
    types: unknown,
    request?: Request,
  ): unknown {
    const name = checkPath(readdirRecursive, root);
    const encoding = parseEncoding(encodingArgument);
    const path = toBytePath(name);
    const tree = files.hasRoom(1) ? listTree(disk, path) : { errno: -EMFILE, path };
    if (!("directories" in tree)) {
      return finish(readdirRecursive, request, tree.errno, "scandir", toPath(tree.path));
    }
    const answer = types === true ? flattenTyped(tree, encoding) : flatten(tree, encoding);
    return isAsync(request) ? succeed(request, answer) : answer;
  }

  return { readdir, readdirRecursive };
}

function decodeNames(entries: Entry[], encoding: Encoding): unknown[] {
  const names: unknown[] = [];
  for (let i = 0; i < entries.length; i++) {
    ArrayPrototypePush(names, decodeBytePath((entries[i] as Entry).name, encoding));
  }
  return names;
}

function typesOf(entries: Entry[]): number[] {
  const types: number[] = [];
  for (let i = 0; i < entries.length; i++) ArrayPrototypePush(types, (entries[i] as Entry).type);
  return types;
}

/** A directory of the tree; `relative` is "" for its root. */
interface Directory {
  readonly relative: string;
  entries: Entry[];
}

/** The directories in breadth-first order. */
interface Tree {
  readonly directories: Directory[];
}

interface Failure {
  readonly errno: number;
  readonly path: string;
}

/** Lists a directory and those below it; links to directories are followed. */
function listTree(disk: Disk, root: string): Tree | Failure {
  const directories: Directory[] = [{ relative: "", entries: [] }];
  for (let i = 0; i < directories.length; i++) {
    const directory = directories[i] as Directory;
    const path = directory.relative === "" ? root : joinPath(root, directory.relative);
    const entries = listDirectory(disk, path);
    if (typeof entries === "number") return { errno: entries, path };
    directory.entries = entries;
    for (let j = 0; j < entries.length; j++) {
      const { name, type } = entries[j] as Entry;
      if (type === UV_DIRENT_DIR || (type === UV_DIRENT_LINK && isDirectory(disk, joinPath(path, name)))) {
        ArrayPrototypePush(directories, { relative: joinPath(directory.relative, name), entries: [] });
      }
    }
  }
  return { directories };
}

function isDirectory(disk: Disk, path: string): boolean {
  return disk.stat(toPath(path), stats) >= 0 && ((stats[1] as number) & S_IFMT) === S_IFDIR;
}

/** The paths of all entries, relative to the root. */
function flatten({ directories }: Tree, encoding: Encoding): unknown[] {
  const names: unknown[] = [];
  for (let i = 0; i < directories.length; i++) {
    const { relative, entries } = directories[i] as Directory;
    for (let j = 0; j < entries.length; j++) {
      ArrayPrototypePush(names, decodeBytePath(joinPath(relative, (entries[j] as Entry).name), encoding));
    }
  }
  return names;
}

/** `[names, types, counts, directories]`: how many of the entries belong to each of the directories. */
function flattenTyped({ directories }: Tree, encoding: Encoding): unknown[] {
  const names: unknown[] = [];
  const paths: unknown[] = [];
  let total = 0;
  for (let i = 0; i < directories.length; i++) total += (directories[i] as Directory).entries.length;
  const types = new Bytes(total);
  const counts = new Counts(directories.length);
  let at = 0;
  for (let i = 0; i < directories.length; i++) {
    const { relative, entries } = directories[i] as Directory;
    for (let j = 0; j < entries.length; j++) {
      const { name, type } = entries[j] as Entry;
      ArrayPrototypePush(names, decodeBytePath(name, encoding));
      types[at++] = type;
    }
    counts[i] = entries.length;
    ArrayPrototypePush(paths, decodeBytePath(relative, encoding));
  }
  return [names, types, counts, paths];
}
