/** The recursive copy behind `fs.cpSync` and `fs.cp`, with the rules of Node's C++. */
import type { Disk } from "../../../disk/disk.js";
import { COPYFILE_EXCL, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG } from "../../../disk/modes.js";
import { EEXIST, EMFILE } from "../../../syscall/errno.js";
import type { OpenFiles } from "../../files.js";
import { joinPath, textOf, toPath } from "./byte-path.js";
import type { FsContext } from "./context.js";
import { type CpError, cpError, pipeError, standardError, systemError } from "./cp-error.js";
import { copyLink } from "./cp-link.js";
import {
  type Entry,
  listDirectory,
  UV_DIRENT_DIR,
  UV_DIRENT_FIFO,
  UV_DIRENT_FILE,
  UV_DIRENT_LINK,
} from "./listing.js";
import { makeDirectories } from "./make-directory.js";

const Doubles = Float64Array;
const stats = new Doubles(18);

export interface CpOptions {
  readonly force: boolean;
  readonly dereference: boolean;
  readonly errorOnExist: boolean;
  readonly verbatimSymlinks: boolean;
  readonly preserveTimestamps: boolean;
  /** The target did not exist: nothing that is there all the same is written to or followed. */
  readonly fresh: boolean;
  readonly copyFileMode: number;
}

interface Job extends CpOptions {
  readonly disk: Disk;
  readonly files: OpenFiles;
}

/** The type of a file and the bits of its mode, 0 when there is none. */
function modeOf(disk: Disk, path: string): number {
  return disk.stat(toPath(path), stats) < 0 ? 0 : (stats[1] as number);
}

function typeOf(disk: Disk, path: string): number {
  return modeOf(disk, path) & S_IFMT;
}

/** Copies a directory and everything in it. */
export function copyDirectory(
  { disk, files }: FsContext,
  source: string,
  target: string,
  options: CpOptions,
): CpError | undefined {
  const job: Job = { disk, files, ...options };
  const existed = !options.fresh && typeOf(disk, target) !== 0;
  const made = options.fresh ? disk.mkdir(toPath(target), 0o777) : 0;
  if (made < 0) return systemError(made, "mkdir", target);
  if (!options.fresh) {
    const result = makeDirectories(disk, target, 0o777);
    if (typeof result === "object") return standardError(result.errno, "cp", target);
  }
  const error = copyContents(job, source, target);
  if (error !== undefined) return error;
  if (!existed) {
    const result = disk.chmod(toPath(target), modeOf(disk, source) & 0o7777);
    if (result < 0) return standardError(result, "cp", target);
  }
  return options.preserveTimestamps ? copyTimes(disk, source, target) : undefined;
}

function copyContents(job: Job, source: string, target: string): CpError | undefined {
  const entries = job.files.hasRoom(1) ? listDirectory(job.disk, source) : -EMFILE;
  if (typeof entries === "number") return standardError(entries, "cp", source);
  for (let i = 0; i < entries.length; i++) {
    const error = copyEntry(job, source, target, entries[i] as Entry);
    if (error !== undefined) return error;
  }
  return undefined;
}

function copyEntry(job: Job, source: string, target: string, { name, type }: Entry): CpError | undefined {
  const from = joinPath(source, name);
  const to = joinPath(target, name);
  const isLink = type === UV_DIRENT_LINK;
  if (isLink && !job.dereference) return copyLink(job.disk, source, target, name, job);
  if (isLink) {
    const result = job.disk.stat(toPath(from), stats);
    if (result < 0) return systemError(result, "stat", from);
  }
  const followed = isLink ? typeOf(job.disk, from) : 0;
  if (type === UV_DIRENT_DIR || followed === S_IFDIR) return copySubdirectory(job, from, to, isLink);
  if (type === UV_DIRENT_FILE || followed === S_IFREG) return copyRegular(job, from, target, to, isLink);
  // What is neither is left out, but where nothing is yet a pipe is an error.
  const pipe = type === UV_DIRENT_FIFO || followed === S_IFIFO;
  return job.fresh && pipe ? pipeError(textOf(to)) : undefined;
}

function copySubdirectory(job: Job, from: string, to: string, isLink: boolean): CpError | undefined {
  const { disk } = job;
  let created = true;
  if (isLink && !job.fresh && typeOf(disk, to) !== 0) {
    created = false;
  } else {
    const result = disk.mkdir(toPath(to), 0o777);
    if (job.fresh && result < 0) return systemError(result, "mkdir", to);
    created = result >= 0;
    if (!created && !(result === -EEXIST && typeOf(disk, to) === S_IFDIR)) {
      return standardError(result, "cp", to);
    }
  }
  const error = copyContents(job, from, to);
  if (error !== undefined) return error;
  if (created) {
    const result = disk.chmod(toPath(to), modeOf(disk, from) & 0o7777);
    if (result < 0) return standardError(result, "cp", to);
  }
  return job.preserveTimestamps ? copyTimes(disk, from, to) : undefined;
}

function copyRegular(
  job: Job,
  from: string,
  target: string,
  to: string,
  isLink: boolean,
): CpError | undefined {
  const { disk } = job;
  if (!job.fresh && !job.force && typeOf(disk, to) !== 0) {
    // Left as it is.
    if (job.errorOnExist) return existsError(to);
    return job.preserveTimestamps && !isLink ? copyTimes(disk, from, to) : undefined;
  }
  const error = copyData(job, from, target, to, isLink);
  if (error !== undefined) return error;
  const late = job.preserveTimestamps ? copyTimes(disk, from, to) : undefined;
  if (late !== undefined) return late;
  const result = disk.chmod(toPath(to), modeOf(disk, from) & 0o7777);
  return result < 0 ? standardError(result, "cp", to) : undefined;
}

function copyData(job: Job, from: string, target: string, to: string, isLink: boolean): CpError | undefined {
  const { disk } = job;
  if (job.fresh) {
    const result = disk.copyFile(toPath(from), toPath(to), job.copyFileMode | COPYFILE_EXCL);
    return result < 0 ? systemError(result, "copyfile", to) : undefined;
  }
  if (isLink && typeOf(disk, to) !== 0) {
    const removed = disk.unlink(toPath(to));
    if (removed < 0) return standardError(removed, "cp", to);
  }
  const result = disk.copyFile(toPath(from), toPath(to), 0);
  return result < 0 ? standardError(result, "cp", target) : undefined;
}

function existsError(path: string): CpError {
  const message = `[ERR_FS_CP_EEXIST]: Target already exists: cp returned EEXIST (${textOf(path)} already exists)`;
  return cpError("ERR_FS_CP_EEXIST", message);
}

/** Gives the target the times of the source. */
export function copyTimes(disk: Disk, source: string, target: string): CpError | undefined {
  const found = disk.stat(toPath(source), stats);
  if (found < 0) return systemError(found, "stat", source);
  const accessed = (stats[10] as number) + (stats[11] as number) / 1e9;
  const modified = (stats[12] as number) + (stats[13] as number) / 1e9;
  const result = disk.utimes(toPath(target), accessed, modified);
  return result < 0 ? systemError(result, "utime", target) : undefined;
}
