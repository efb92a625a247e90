import { changing, locked } from "../calls/section.js";
import { Disk } from "../disk.js";
import { encodePath } from "../path.js";
import type { Path } from "../types.js";
import { beginContent, endContent, forgetContents, putContent, putWhole } from "./content.js";
import { dropEntry, type MountedEntry, putEntries, setFilled } from "./names.js";
import { doubtAll, findMount, mountHere, placeOf } from "./place.js";

export type { MountedEntry } from "./names.js";

/** The disk as the kernel fills it from mounts. Paths of what is in a mount go from the root of that mount. */
export class MountDisk extends Disk {
  /** Makes a directory the root of a mount. With `sealed` nobody in the machine changes anything there. */
  mountHere(path: Path, id: number, sealed: boolean): number {
    return encodePath(this.session.first, path) || changing(this.session, mountHere, id, sealed);
  }

  /** What `Credentials.cwd` takes of the root of a mount. */
  findMount(id: number): number {
    return locked(this.session, findMount, id);
  }

  /** From now on no directory of a mount is believed to have all of its names. */
  doubtAll(): number {
    return locked(this.session, doubtAll);
  }

  /** Where what a call lacks is in its mount, into `result`; answers the length, and `mountId` has the mount. */
  placeOf(directory: number, name: number): number {
    return locked(this.session, placeOf, directory, name);
  }

  get mountId(): number {
    return this.session.missing;
  }

  /** Puts some of the entries into a directory, and answers how many names it has then. */
  putEntries(path: Path, entries: readonly MountedEntry[], from: number, to: number): number {
    return encodePath(this.session.first, path) || changing(this.session, putEntries, entries, from, to);
  }

  /** Says whether the directory has all of its names. */
  setFilled(path: Path, filled: boolean): number {
    return encodePath(this.session.first, path) || locked(this.session, setFilled, filled);
  }

  /** Takes away what its mount hasn't any more; 1 for a directory that isn't empty. */
  dropEntry(path: Path): number {
    return encodePath(this.session.first, path) || changing(this.session, dropEntry);
  }

  /** Opens a file whose bytes are missing; 0 if they aren't. */
  beginContent(path: Path): number {
    return encodePath(this.session.first, path) || changing(this.session, beginContent);
  }

  putContent(file: number, bytes: Uint8Array, position: number): number {
    return changing(this.session, putContent, file, bytes, position);
  }

  /** Closes the file, whose bytes are all there unless `size` is null. Times in milliseconds since 1970, or NaN. */
  endContent(file: number, size: number | null, mtime: number, ctime: number): number {
    return changing(this.session, endContent, file, size, mtime, ctime);
  }

  /** All of that for a file whose bytes are at hand. */
  putWhole(path: Path, bytes: Uint8Array, mtime: number, ctime: number): number {
    return encodePath(this.session.first, path) || changing(this.session, putWhole, bytes, mtime, ctime);
  }

  /** Drops bytes that can be brought again: answers what to go on with, -ENOENT at the end. */
  forgetContents(from: number): number {
    return changing(this.session, forgetContents, from);
  }
}
