import { canonicalPath } from "../canonical.js";
import { readEntries } from "../listing.js";
import { linkPath, mkdirPath, symlinkPath } from "../make.js";
import { makePair, makePipe, makeVirtual, mknodPath, socketNumber } from "../make-special.js";
import { encodePath, encodePaths } from "../path.js";
import { rmdirPath, unlinkPath } from "../remove.js";
import { renamePath } from "../rename.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";
import type { LastLink } from "../walk.js";
import { directoryAt, pathOfHandle, pathOfOpened, readlinkPath, realpathPath } from "../whereabouts.js";
import { changing, locked } from "./section.js";

export function mkdir(s: Session, path: Path, mode: number): number {
  return encodePath(s.first, path) || changing(s, mkdirPath, s.first, mode);
}

export function rmdir(s: Session, path: Path): number {
  return encodePath(s.first, path) || changing(s, rmdirPath, s.first);
}

export function unlink(s: Session, path: Path): number {
  return encodePath(s.first, path) || changing(s, unlinkPath, s.first);
}

export function rename(s: Session, from: Path, to: Path, judged: number): number {
  return encodePaths(s.first, from, s.second, to) || changing(s, renamePath, s.first, s.second, judged);
}

export function link(s: Session, from: Path, to: Path): number {
  return encodePaths(s.first, from, s.second, to) || changing(s, linkPath, s.first, s.second);
}

export function symlink(s: Session, target: Path, path: Path): number {
  return encodePaths(s.first, target, s.second, path) || changing(s, symlinkPath, s.first, s.second);
}

export function readlink(s: Session, path: Path): number {
  return encodePath(s.first, path) || locked(s, readlinkPath, s.first);
}

export function realpath(s: Session, path: Path): number {
  return encodePath(s.first, path) || locked(s, realpathPath, s.first);
}

export function resolveDirectory(s: Session, path: Path): number {
  return encodePath(s.first, path) || locked(s, directoryAt, s.first);
}

export function canonical(s: Session, path: Path, lastLink: LastLink): number {
  return encodePath(s.first, path) || locked(s, canonicalPath, s.first, lastLink);
}

export function pathOf(s: Session, directory: number): number {
  return locked(s, pathOfHandle, directory);
}

export function pathOfFile(s: Session, file: number): number {
  return locked(s, pathOfOpened, file);
}

export function mknod(s: Session, path: Path, mode: number, device: number): number {
  return encodePath(s.first, path) || changing(s, mknodPath, s.first, mode, device);
}

export function socket(s: Session, path: Path): number {
  return encodePath(s.first, path) || locked(s, socketNumber, s.first);
}

export function pipe(s: Session, ends: Int32Array, flags: number): number {
  return changing(s, makePipe, ends, flags);
}

export function pair(s: Session, ends: Int32Array): number {
  return changing(s, makePair, ends);
}

export function virtual(s: Session, path: Path): number {
  return encodePath(s.first, path) || locked(s, makeVirtual, s.first);
}

export function list(s: Session, file: number, cookie: number): number {
  return locked(s, readEntries, file, cookie);
}
