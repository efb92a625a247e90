import type { Disk } from "../../../disk/disk.js";
import { S_IFDIR, S_IFMT } from "../../../disk/modes.js";
import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, ENOTDIR, EPERM } from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { checkInteger, checkPath } from "./arguments.js";
import { beforeLastSlash, decodeBytePath, toBytePath, toPath } from "./byte-path.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { parseEncoding } from "./encoding.js";
import { finish } from "./names.js";
import { isAsync, type Request, succeed } from "./request.js";

const { ArrayPrototypePop, ArrayPrototypePush, MathFloor, MathRandom } = primordials;
const Doubles = Float64Array;
const stats = new Doubles(18);

/** `mkdir` and `mkdtemp`. */
export function makeDirectoryFunctions({ disk }: FsContext): BindingFunctions {
  function mkdir(path: unknown, modeArgument: unknown, recursive: unknown, request?: Request): unknown {
    const name = checkPath(mkdir, path);
    const mode = checkInteger(mkdir, modeArgument, "mode");
    if (recursive !== true) return finish(mkdir, request, disk.mkdir(name, mode), "mkdir", name);
    const made = makeDirectories(disk, toBytePath(name), mode);
    if (typeof made === "object") {
      // The synchronous form tells the path that it was given.
      const place = isAsync(request) ? toPath(made.path) : name;
      return finish(mkdir, request, made.errno, "mkdir", place);
    }
    const first = made === undefined ? undefined : decodeBytePath(made, "utf8");
    return isAsync(request) ? succeed(request, first) : first;
  }

  function mkdtemp(prefix: unknown, encodingArgument: unknown, request?: Request): unknown {
    const start = toBytePath(checkPath(mkdtemp, prefix, "prefix"));
    const encoding = parseEncoding(encodingArgument);
    for (let attempt = 0; ; attempt++) {
      const path = start + randomSuffix();
      const result = disk.mkdir(toPath(path), 0o700);
      if (result >= 0) {
        const made = decodeBytePath(path, encoding);
        return isAsync(request) ? succeed(request, made) : made;
      }
      if (result !== -EEXIST || attempt === attempts) {
        // libuv writes the letters into the path, which only the synchronous form has a copy of.
        const shown = isAsync(request) ? path : `${start}XXXXXX`;
        return finish(mkdtemp, request, result, "mkdtemp", toPath(shown));
      }
    }
  }

  return { mkdir, mkdtemp };
}

const attempts = 100;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function randomSuffix(): string {
  let suffix = "";
  for (let i = 0; i < 6; i++) suffix += letters[MathFloor(MathRandom() * letters.length)];
  return suffix;
}

/** Why a directory could not be made, and which one. */
export interface Refusal {
  readonly errno: number;
  readonly path: string;
}

/**
 * Makes a directory and those on the way to it. Answers the first that was missing, undefined when none
 * was, or a refusal.
 *
 * Goes up from the end as Node does, so that what exists is not looked at from the root.
 */
export function makeDirectories(disk: Disk, path: string, mode: number): string | undefined | Refusal {
  const waiting = [path];
  let first: string | undefined;
  while (waiting.length > 0) {
    const next: string = ArrayPrototypePop(waiting);
    const result = disk.mkdir(toPath(next), mode);
    if (result >= 0) {
      first ??= next;
    } else if (result === -ENOENT) {
      const parent = beforeLastSlash(next);
      if (parent !== next) {
        ArrayPrototypePush(waiting, next, parent);
      } else if (waiting.length === 0) {
        return { errno: -ENOENT, path: next };
      }
    } else if (result === -EACCES || result === -ENOSPC || result === -ENOTDIR || result === -EPERM) {
      return { errno: result, path: next };
    } else {
      const errno = acceptExisting(disk, next, result, waiting.length > 0);
      if (errno < 0) return { errno, path: next };
    }
  }
  return first;
}

/** What could not be made is fine when it is a directory already. */
function acceptExisting(disk: Disk, path: string, result: number, onTheWay: boolean): number {
  const found = disk.stat(toPath(path), stats);
  if (found < 0) return found === -EINVAL ? result : found;
  if (((stats[1] as number) & S_IFMT) === S_IFDIR) return 0;
  return result === -EEXIST && onTheWay ? -ENOTDIR : -EEXIST;
}
