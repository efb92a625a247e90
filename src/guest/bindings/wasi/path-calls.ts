/** WASI's calls on paths, which lead from a directory that the program has. */
import {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../disk/modes.js";
import type { Path } from "../../../disk/types.js";
import { primordials } from "../../internals.js";
import { toPath } from "../fs/byte-path.js";
import { encodeLatin1, latin1Slice } from "../fs/encoding.js";
import type { Call, Context } from "./context.js";
import { stats } from "./descriptors.js";
import { errnoOf, INVAL, NOBUFS, NOTDIR, OVERFLOW, PERM, SUCCESS } from "./errnos.js";
import { areTimeFlags, chooseTimes, putStat, STAT_BYTES } from "./file-stat.js";
import { resolvePath } from "./paths.js";
import * as rights from "./rights.js";

const { StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeSlice } = primordials;

const LOOKUP_FOLLOW = 1;
const OPEN_CREATE = 1;
const OPEN_DIRECTORY = 2;
const OPEN_EXCLUSIVE = 4;
const OPEN_TRUNCATE = 8;
const FDFLAG_APPEND = 1;
const FDFLAG_DSYNC = 2;
const FDFLAG_RSYNC = 8;
const FDFLAG_SYNC = 16;

/** Resolves a path of the program's and goes on with the place; an error number ends it. */
function at(
  context: Context,
  id: number,
  right: bigint,
  path: string,
  follow: boolean,
  act: (place: string) => number,
): number {
  const directory = context.descriptors.get(id, right);
  if (typeof directory === "number") return directory;
  const place = resolvePath(context.disk, directory, path, follow);
  return typeof place === "number" ? place : act(place);
}

/** A call that takes a directory and one path. */
function simple(right: bigint, act: (context: Context, place: Path) => number): Call {
  return {
    types: "uuu",
    run: (context, id, path, length) => {
      const { memory } = context;
      if (!memory.fits(path, length)) return OVERFLOW;
      const text = memory.text(path, length);
      return at(context, id, right, text, false, (place) => errnoOf(act(context, toPath(place))));
    },
  };
}

/** A call that takes two directories and a path in each. */
function between(
  { descriptors, disk }: Context,
  from: { id: number; right: bigint; path: string; follow: boolean },
  to: { id: number; right: bigint; path: string },
  act: (from: Path, to: Path) => number,
): number {
  const both = from.right | to.right;
  const source = descriptors.get(from.id, from.id === to.id ? both : from.right);
  if (typeof source === "number") return source;
  const target = descriptors.get(to.id, from.id === to.id ? both : to.right);
  if (typeof target === "number") return target;
  const old = resolvePath(disk, source, from.path, from.follow);
  if (typeof old === "number") return old;
  const fresh = resolvePath(disk, target, to.path, false);
  return typeof fresh === "number" ? fresh : errnoOf(act(toPath(old), toPath(fresh)));
}

/** What Linux's `open` is to be told, and the rights that it takes. */
function openFlags(oflags: number, fdflags: number, base: bigint, inheriting: bigint) {
  const reads = (base & (rights.FD_READ | rights.FD_READDIR)) !== 0n;
  const changes = rights.FD_DATASYNC | rights.FD_WRITE | rights.FD_ALLOCATE | rights.FD_FILESTAT_SET_SIZE;
  const writes = (base & changes) !== 0n;
  let flags = writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
  let needed = rights.PATH_OPEN;
  let inherited = base | inheriting;
  if ((oflags & OPEN_CREATE) !== 0) {
    flags |= O_CREAT;
    needed |= rights.PATH_CREATE_FILE;
  }
  if ((oflags & OPEN_DIRECTORY) !== 0) flags |= O_DIRECTORY;
  if ((oflags & OPEN_EXCLUSIVE) !== 0) flags |= O_EXCL;
  if ((oflags & OPEN_TRUNCATE) !== 0) {
    flags |= O_TRUNC;
    needed |= rights.PATH_FILESTAT_SET_SIZE;
  }
  if ((fdflags & FDFLAG_APPEND) !== 0) flags |= O_APPEND;
  // What is written is on the disk at once; the rights are asked for all the same.
  if ((fdflags & FDFLAG_DSYNC) !== 0) inherited |= rights.FD_DATASYNC;
  if ((fdflags & (FDFLAG_RSYNC | FDFLAG_SYNC)) !== 0) inherited |= rights.FD_SYNC;
  if (writes && (flags & (O_APPEND | O_TRUNC)) === 0) inherited |= rights.FD_SEEK;
  return { flags, needed, inherited };
}

function open(
  context: Context,
  id: number,
  lookup: number,
  path: string,
  oflags: number,
  base: bigint,
  inheriting: bigint,
  fdflags: number,
  result: number,
): number {
  const { descriptors, disk, files, memory } = context;
  const { flags, needed, inherited } = openFlags(oflags, fdflags, base, inheriting);
  const directory = descriptors.get(id, needed, inherited);
  if (typeof directory === "number") return directory;
  const place = resolvePath(disk, directory, path, (lookup & LOOKUP_FOLLOW) !== 0);
  if (typeof place === "number") return place;
  const fd = files.open(toPath(place), flags, 0o666);
  if (fd < 0) return errnoOf(fd);
  const type = descriptors.typeOf(fd);
  const wantsDirectory = (oflags & OPEN_DIRECTORY) !== 0 || StringPrototypeEndsWith(place, "/");
  if (typeof type !== "number" || (wantsDirectory && type !== rights.FILETYPE_DIRECTORY)) {
    files.close(fd);
    return typeof type === "number" ? NOTDIR : type.errno;
  }
  const most = rights.rightsOf(type, flags);
  const added = descriptors.add({
    fd,
    path: place,
    real: place,
    type,
    base: base & most.base,
    inheriting: inheriting & most.inheriting,
    preopened: false,
  });
  memory.setU32(result, added);
  return SUCCESS;
}

function symlink(context: Context, target: string, id: number, path: string): number {
  if (target[0] === "/") return PERM;
  const { descriptors, disk } = context;
  const directory = descriptors.get(id, rights.PATH_SYMLINK);
  if (typeof directory === "number") return directory;
  const leads = resolvePath(disk, directory, target, false);
  if (typeof leads === "number") return leads;
  const place = resolvePath(disk, directory, path, false);
  if (typeof place === "number") return place;
  const end: number = StringPrototypeIndexOf(target, "\0");
  const text = end === -1 ? target : StringPrototypeSlice(target, 0, end);
  return errnoOf(disk.symlink(toPath(text), toPath(place)));
}

export const pathCalls: Record<string, Call> = {
  path_create_directory: simple(rights.PATH_CREATE_DIRECTORY, ({ disk }, place) => disk.mkdir(place, 0o777)),
  path_remove_directory: simple(rights.PATH_REMOVE_DIRECTORY, ({ disk }, place) => disk.rmdir(place)),
  path_unlink_file: simple(rights.PATH_UNLINK_FILE, ({ disk }, place) => disk.unlink(place)),

  path_filestat_get: {
    types: "uuuuu",
    run: (context, id, flags, path, length, out) => {
      const { memory } = context;
      if (!memory.fits(path, length) || !memory.fits(out, STAT_BYTES)) return OVERFLOW;
      const follow = (flags & LOOKUP_FOLLOW) !== 0;
      return at(context, id, rights.PATH_FILESTAT_GET, memory.text(path, length), follow, (place) => {
        const result = context.disk.lstat(toPath(place), stats);
        if (result >= 0) putStat(memory, out);
        return errnoOf(result);
      });
    },
  },
  path_filestat_set_times: {
    types: "uuuuLLu",
    run: (context, id, flags, path, length, access, modification, timeFlags) => {
      const { disk, memory } = context;
      if (!memory.fits(path, length)) return OVERFLOW;
      if (!areTimeFlags(timeFlags)) return INVAL;
      const follow = (flags & LOOKUP_FOLLOW) !== 0;
      return at(context, id, rights.PATH_FILESTAT_SET_TIMES, memory.text(path, length), follow, (place) => {
        const found = context.disk.lstat(toPath(place), stats);
        if (found < 0) return errnoOf(found);
        const times = chooseTimes(timeFlags, access, modification);
        return errnoOf(disk.lutimes(toPath(place), times[0], times[1]));
      });
    },
  },

  path_link: {
    types: "uuuuuuu",
    run: (context, oldId, flags, oldPath, oldLength, newId, newPath, newLength) => {
      const { disk, memory } = context;
      if (!memory.fits(oldPath, oldLength) || !memory.fits(newPath, newLength)) return OVERFLOW;
      const old = memory.text(oldPath, oldLength);
      return between(
        context,
        { id: oldId, right: rights.PATH_LINK_SOURCE, path: old, follow: (flags & LOOKUP_FOLLOW) !== 0 },
        { id: newId, right: rights.PATH_LINK_TARGET, path: memory.text(newPath, newLength) },
        (from, to) => disk.link(from, to),
      );
    },
  },
  path_rename: {
    types: "uuuuuu",
    run: (context, oldId, oldPath, oldLength, newId, newPath, newLength) => {
      const { disk, memory } = context;
      if (!memory.fits(oldPath, oldLength) || !memory.fits(newPath, newLength)) return OVERFLOW;
      const old = memory.text(oldPath, oldLength);
      return between(
        context,
        { id: oldId, right: rights.PATH_RENAME_SOURCE, path: old, follow: false },
        { id: newId, right: rights.PATH_RENAME_TARGET, path: memory.text(newPath, newLength) },
        (from, to) => disk.rename(from, to),
      );
    },
  },

  path_open: {
    types: "uuuuuLLuu",
    run: (context, id, lookup, path, length, oflags, base, inheriting, fdflags, result) => {
      const { memory } = context;
      if (!memory.fits(path, length) || !memory.fits(result, 4)) return OVERFLOW;
      const text = memory.text(path, length);
      return open(context, id, lookup, text, oflags, base, inheriting, fdflags, result);
    },
  },
  path_readlink: {
    types: "uuuuuu",
    run: (context, id, path, length, buffer, room, result) => {
      const { disk, memory } = context;
      if (!memory.fits(path, length) || !memory.fits(buffer, room) || !memory.fits(result, 4))
        return OVERFLOW;
      return at(context, id, rights.PATH_READLINK, memory.text(path, length), false, (place) => {
        const count = disk.readlink(toPath(place));
        if (count < 0) return errnoOf(count);
        if (count >= room) return NOBUFS;
        memory.put(buffer, encodeLatin1(`${latin1Slice(disk.result, 0, count)}\0`));
        memory.setU32(result, count);
        return SUCCESS;
      });
    },
  },
  path_symlink: {
    types: "uuuuu",
    run: (context, target, targetLength, id, path, length) => {
      const { memory } = context;
      if (!memory.fits(target, targetLength) || !memory.fits(path, length)) return OVERFLOW;
      return symlink(context, memory.text(target, targetLength), id, memory.text(path, length));
    },
  },
};
