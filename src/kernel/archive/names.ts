import { ENAMETOOLONG } from "../../syscall/errno.js";
import { OperationError } from "../fs/failure.js";
import { refusal } from "./refusal.js";

const PATH_MAX = 4095;
const NAME_MAX = 255;

/** The names of an entry's path below the directory that an archive is put in; none for that directory. */
export function entryNames(path: string): string[] {
  if (path.includes("\0")) throw refusal("malformed", path);
  if (path.startsWith("/")) throw refusal("absolute", path);
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw refusal("traversal", path);
  if (Buffer.byteLength(path) > PATH_MAX || names.some((name) => Buffer.byteLength(name) > NAME_MAX)) {
    throw new OperationError(-ENAMETOOLONG, "open", path.slice(0, NAME_MAX));
  }
  return names;
}

/**
 * Refuses a symbolic link that leads out of the archive. `depth` is the number of directories above it, which
 * are none of them links. Steps up are for the beginning alone: behind a name they begin where that leads,
 * which is elsewhere when it is a link itself.
 */
export function checkLink(target: string, depth: number, path: string): void {
  if (target === "" || target.includes("\0")) throw refusal("malformed", path);
  if (Buffer.byteLength(target) > PATH_MAX) throw new OperationError(-ENAMETOOLONG, "symlink", path);
  if (target.startsWith("/")) throw refusal("link", path);
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const steps = names.findIndex((name) => name !== "..");
  const up = steps === -1 ? names.length : steps;
  if (up > depth || names.includes("..", up)) throw refusal("link", path);
}
