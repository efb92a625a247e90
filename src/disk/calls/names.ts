import { readEntries } from "../listing.js";
import { lock } from "../lock.js";
import { linkPath, mkdirPath, symlinkPath } from "../make.js";
import { rmdirPath, unlinkPath } from "../remove.js";
import { renamePath } from "../rename.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";
import { directoryAt, pathOfHandle, readlinkPath, realpathPath } from "../whereabouts.js";
import { enter, enterForChange, enterWithTwo, leave } from "./section.js";

export function mkdir(s: Session, path: Path, mode: number): number {
  const error = enterForChange(s, path);
  return error < 0 ? error : leave(s, mkdirPath(s, s.first, mode));
}

export function rmdir(s: Session, path: Path): number {
  const error = enterForChange(s, path);
  return error < 0 ? error : leave(s, rmdirPath(s, s.first));
}

export function unlink(s: Session, path: Path): number {
  const error = enterForChange(s, path);
  return error < 0 ? error : leave(s, unlinkPath(s, s.first));
}

export function rename(s: Session, from: Path, to: Path): number {
  const error = enterWithTwo(s, from, to);
  return error < 0 ? error : leave(s, renamePath(s, s.first, s.second));
}

export function link(s: Session, from: Path, to: Path): number {
  const error = enterWithTwo(s, from, to);
  return error < 0 ? error : leave(s, linkPath(s, s.first, s.second));
}

export function symlink(s: Session, target: Path, path: Path): number {
  const error = enterWithTwo(s, target, path);
  return error < 0 ? error : leave(s, symlinkPath(s, s.first, s.second));
}

export function readlink(s: Session, path: Path): number {
  const error = enter(s, path);
  return error < 0 ? error : leave(s, readlinkPath(s, s.first));
}

export function realpath(s: Session, path: Path): number {
  const error = enter(s, path);
  return error < 0 ? error : leave(s, realpathPath(s, s.first));
}

export function resolveDirectory(s: Session, path: Path): number {
  const error = enter(s, path);
  return error < 0 ? error : leave(s, directoryAt(s, s.first));
}

export function pathOf(s: Session, directory: number): number {
  const error = lock(s);
  return error < 0 ? error : leave(s, pathOfHandle(s, directory));
}

export function list(s: Session, file: number, cookie: number): number {
  const error = lock(s);
  return error < 0 ? error : leave(s, readEntries(s, file, cookie));
}
