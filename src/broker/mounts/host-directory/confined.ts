import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { SourceFailure } from "../source.js";

/*
 * Goes down from a directory of the host name by name, each opened from the descriptor of the one above, and no link
 * is ever followed: what links there are, the machine follows on its own disk. Afterwards the system is asked what has
 * been opened: a directory may have been moved out meanwhile, and some file systems take names for others.
 */

/** Opens a place and nothing else: no permission to read is needed, and devices do nothing. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_RDONLY } = constants;
const DIRECTORY = O_PATH | O_DIRECTORY | O_NOFOLLOW;

/** The path by which this process reaches what a descriptor of it stands for. */
export function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Opens the directory that the names lead to from `root`, which is a real path. */
export function openDirectory(root: string, names: readonly string[]): number {
  let fd = openSync(root, DIRECTORY);
  try {
    for (const name of names) {
      const next = openSync(`${pathOf(fd)}/${name}`, DIRECTORY);
      closeSync(fd);
      fd = next;
    }
    verify(fd, root, names);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** Opens a file in such a directory to be read. A fifo is opened without waiting, and refused by the caller. */
export function openFile(directory: number, root: string, names: readonly string[]): number {
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const fd = openSync(`${pathOf(directory)}/${names.at(-1)}`, flags);
  try {
    verify(fd, root, names);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** Throws unless the descriptor is of what the names say. */
function verify(fd: number, root: string, names: readonly string[]): void {
  const expected = names.length === 0 ? root : `${root === "/" ? "" : root}/${names.join("/")}`;
  if (readlinkSync(pathOf(fd)) !== expected) throw new SourceFailure("ENOENT", true);
}
