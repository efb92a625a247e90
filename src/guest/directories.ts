import type { Credentials, Disk } from "../disk/disk.js";
import { internalBinding } from "./internals.js";

const utf8Slice: (bytes: Uint8Array, start: number, end: number) => string =
  internalBinding("buffer")["utf8Slice"];

/** The working directory of the process. */
export interface Directories {
  cwd(): string | number;
  setCwd(path: string): number;
}

/** The directory is an inode of the disk, so it has whatever name it has when one asks. */
export function createDirectories(disk: Disk, cred: Credentials): Directories {
  return {
    cwd() {
      const length = disk.pathOf(cred.cwd);
      return length < 0 ? length : utf8Slice(disk.result, 0, length);
    },
    setCwd(path) {
      const inode = disk.resolveDirectory(path);
      if (inode < 0) return inode;
      cred.cwd = inode;
      return 0;
    },
  };
}
