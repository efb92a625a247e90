/** WASI's calls on descriptors, but for reading and writing. */
import { O_APPEND, O_DIRECTORY, O_NONBLOCK, O_RDONLY } from "../../../disk/modes.js";
import { BigIntFrom } from "../../../primordials/primordials.js";
import { EINVAL, ENOSPC } from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { toPath } from "../fs/byte-path.js";
import { encodeLatin1 } from "../fs/encoding.js";
import { type Entry, takeEntries, UV_DIRENT_DIR, UV_DIRENT_FILE, UV_DIRENT_LINK } from "../fs/listing.js";
import type { Call, Context } from "./context.js";
import { type Descriptor, stats } from "./descriptors.js";
import { BADF, errnoOf, INVAL, NOBUFS, NOTCAPABLE, OVERFLOW, SUCCESS } from "./errnos.js";
import { areTimeFlags, chooseTimes, putStat, STAT_BYTES } from "./file-stat.js";
import * as rights from "./rights.js";

const { MathMin, StringPrototypeSlice } = primordials;
const toNumber = Number;

const lastAdvice = 5;
const direntBytes = 24;
const FDFLAG_APPEND = 1;
const FDFLAG_NONBLOCK = 4;
const WHENCE_CURRENT = 1;
const lastWhence = 2;
/** Offsets and sizes beyond this are no file's. */
const largest = 2n ** 53n - 1n;

/** Does something with an open file that the program has the right to. */
function on(context: Context, id: number, right: bigint, act: (file: Descriptor) => number): number {
  const found = context.descriptors.get(id, right);
  return typeof found === "number" ? found : act(found);
}

function seek(context: Context, id: number, right: bigint, offset: bigint, whence: number, result: number) {
  const { memory, files } = context;
  if (!memory.fits(result, 8)) return OVERFLOW;
  return on(context, id, right, ({ fd }) => {
    if (whence > lastWhence || offset > largest || offset < -largest) return INVAL;
    const position = files.seek(fd, toNumber(offset), whence);
    if (position < 0) return errnoOf(position);
    memory.setU64(result, BigIntFrom(position));
    return SUCCESS;
  });
}

function sync(context: Context, id: number, right: bigint): number {
  return on(context, id, right, ({ fd }) => errnoOf(context.files.sync(fd)));
}

function allocate({ files }: Context, { fd }: Descriptor, offset: bigint, length: bigint): number {
  if (offset > largest || length > largest) return errnoOf(-EINVAL);
  const found = files.fstat(fd, stats);
  if (found < 0) return errnoOf(found);
  const size = toNumber(offset + length);
  if ((stats[8] as bigint) >= offset + length) return SUCCESS;
  const result = files.truncate(fd, size);
  return result === -EINVAL ? errnoOf(-ENOSPC) : errnoOf(result);
}

function fileTypeOfEntry(type: number): number {
  if (type === UV_DIRENT_FILE) return rights.FILETYPE_REGULAR_FILE;
  if (type === UV_DIRENT_DIR) return rights.FILETYPE_DIRECTORY;
  return type === UV_DIRENT_LINK ? rights.FILETYPE_SYMBOLIC_LINK : rights.FILETYPE_UNKNOWN;
}

/** Writes entries after the first `cookie` ones; the last may be cut off, which tells that there are more. */
function readDirectory(
  context: Context,
  directory: Descriptor,
  at: number,
  room: number,
  cookie: bigint,
): number {
  const { disk, memory } = context;
  const file = disk.open(toPath(directory.real), O_RDONLY | O_DIRECTORY, 0);
  if (file < 0) return file;
  let used = 0;
  let count = 0n;
  let place = 0;
  for (let full = false; !full; ) {
    const found = disk.readEntries(file, place);
    if (found <= 0) {
      disk.close(file);
      return found < 0 ? found : used;
    }
    place = disk.cookie;
    const entries: Entry[] = [];
    takeEntries(disk, entries);
    for (let i = 0; i < entries.length && !full; i++) {
      count++;
      if (count <= cookie) continue;
      const { name, type } = entries[i] as Entry;
      full = used + direntBytes > room;
      if (full) {
        used = room;
        break;
      }
      memory.setU64(at + used, count);
      memory.setU64(at + used + 8, 0n);
      memory.setU32(at + used + 16, name.length);
      memory.setU8(at + used + 20, fileTypeOfEntry(type));
      used += direntBytes;
      const shown = MathMin(name.length, room - used);
      memory.put(at + used, encodeLatin1(StringPrototypeSlice(name, 0, shown)));
      used += shown;
      full = used === room;
    }
  }
  disk.close(file);
  return used;
}

export const descriptorCalls: Record<string, Call> = {
  fd_advise: {
    types: "uLLu",
    run: (context, id, _offset, _length, advice) => {
      if ((advice & 0xff) > lastAdvice) return INVAL;
      const isDirectory = (file: Descriptor) => file.type === rights.FILETYPE_DIRECTORY;
      return on(context, id, rights.FD_ADVISE, (file) => (isDirectory(file) ? BADF : SUCCESS));
    },
  },
  fd_allocate: {
    types: "uLL",
    run: (context, id, offset, length) =>
      on(context, id, rights.FD_ALLOCATE, (file) => allocate(context, file, offset, length)),
  },
  fd_close: { types: "u", run: ({ descriptors }, id) => descriptors.close(id) },
  fd_datasync: { types: "u", run: (context, id) => sync(context, id, rights.FD_DATASYNC) },
  fd_sync: { types: "u", run: (context, id) => sync(context, id, rights.FD_SYNC) },
  fd_renumber: { types: "uu", run: ({ descriptors }, from, to) => descriptors.renumber(from, to) },

  fd_fdstat_get: {
    types: "uu",
    run: (context, id, at) => {
      const { memory, files } = context;
      if (!memory.fits(at, 24)) return OVERFLOW;
      return on(context, id, 0n, ({ fd, type, base, inheriting }) => {
        const flags = files.flags(fd);
        if (flags < 0) return errnoOf(flags);
        memory.setU8(at, type);
        memory.setU16(at + 2, flags);
        memory.setU64(at + 8, base);
        memory.setU64(at + 16, inheriting);
        return SUCCESS;
      });
    },
  },
  fd_fdstat_set_flags: {
    types: "uu",
    run: (context, id, flags) =>
      on(context, id, rights.FD_FDSTAT_SET_FLAGS, ({ fd }) => {
        const append = (flags & FDFLAG_APPEND) !== 0 ? O_APPEND : 0;
        const nonblock = (flags & FDFLAG_NONBLOCK) !== 0 ? O_NONBLOCK : 0;
        return errnoOf(context.files.setFlags(fd, append | nonblock));
      }),
  },
  fd_fdstat_set_rights: {
    types: "uLL",
    run: (context, id, base, inheriting) =>
      on(context, id, 0n, (file) => {
        if ((base & ~file.base) !== 0n || (inheriting & ~file.inheriting) !== 0n) return NOTCAPABLE;
        file.base = base;
        file.inheriting = inheriting;
        return SUCCESS;
      }),
  },

  fd_filestat_get: {
    types: "uu",
    run: (context, id, at) => {
      const { memory, files } = context;
      if (!memory.fits(at, STAT_BYTES)) return OVERFLOW;
      return on(context, id, rights.FD_FILESTAT_GET, ({ fd }) => {
        const result = files.fstat(fd, stats);
        if (result >= 0) putStat(memory, at);
        return errnoOf(result);
      });
    },
  },
  fd_filestat_set_size: {
    types: "uL",
    run: (context, id, size) =>
      on(context, id, rights.FD_FILESTAT_SET_SIZE, ({ fd }) =>
        size > largest ? INVAL : errnoOf(context.files.truncate(fd, toNumber(size))),
      ),
  },
  fd_filestat_set_times: {
    types: "uLLu",
    run: (context, id, access, modification, flags) => {
      const { files } = context;
      if (!areTimeFlags(flags)) return INVAL;
      return on(context, id, rights.FD_FILESTAT_SET_TIMES, ({ fd }) => {
        const found = files.fstat(fd, stats);
        if (found < 0) return errnoOf(found);
        const times = chooseTimes(flags, access, modification);
        return errnoOf(files.utimes(fd, times[0], times[1]));
      });
    },
  },

  fd_prestat_get: {
    types: "uu",
    run: (context, id, at) => {
      const { memory } = context;
      if (!memory.fits(at, 8)) return OVERFLOW;
      return on(context, id, 0n, ({ preopened, path }) => {
        if (!preopened) return INVAL;
        memory.setU8(at, 0);
        memory.setU32(at + 4, path.length);
        return SUCCESS;
      });
    },
  },
  fd_prestat_dir_name: {
    types: "uuu",
    run: (context, id, at, room) => {
      const { memory } = context;
      if (!memory.fits(at, room)) return OVERFLOW;
      return on(context, id, 0n, ({ preopened, path }) => {
        if (!preopened) return BADF;
        if (path.length > room) return NOBUFS;
        memory.put(at, encodeLatin1(path));
        return SUCCESS;
      });
    },
  },

  fd_readdir: {
    types: "uuuLu",
    run: (context, id, at, room, cookie, result) => {
      const { memory } = context;
      if (!memory.fits(at, room) || !memory.fits(result, 4)) return OVERFLOW;
      return on(context, id, rights.FD_READDIR, (directory) => {
        const used = readDirectory(context, directory, at, room, cookie);
        if (used >= 0) memory.setU32(result, used);
        return errnoOf(used);
      });
    },
  },

  fd_seek: {
    types: "uluu",
    run: (context, id, offset, whence, result) =>
      seek(context, id, rights.FD_SEEK, offset, whence & 0xff, result),
  },
  fd_tell: {
    types: "uu",
    run: (context, id, result) => seek(context, id, rights.FD_TELL, 0n, WHENCE_CURRENT, result),
  },
};
