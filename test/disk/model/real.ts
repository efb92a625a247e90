import fs from "node:fs";
import { createInterface } from "node:readline";
import type { Files } from "./files.js";
import type { Operation } from "./operations.js";
import { perform, type Slots } from "./perform.js";

/*
 * The real filesystem, asked as the disk is. This is a program: each line that it reads is a history and
 * the place where it happens, each line that it prints what the calls answered.
 */

const result = new Uint8Array(1 << 16);

function tried(call: () => unknown): number {
  try {
    const result = call();
    return typeof result === "number" ? result : 0;
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}

function into(bytes: Uint8Array): number {
  result.set(bytes);
  return bytes.length;
}

function give(out: Float64Array | BigInt64Array, stat: fs.BigIntStats): number {
  const fields = [
    stat.dev,
    stat.mode,
    stat.nlink,
    stat.uid,
    stat.gid,
    stat.rdev,
    stat.blksize,
    stat.ino,
    stat.size,
  ];
  fields.push(stat.blocks);
  for (const time of [stat.atimeNs, stat.mtimeNs, stat.ctimeNs, stat.birthtimeNs])
    fields.push(time / 1_000_000_000n, time % 1_000_000_000n);
  fields.forEach((value, i) => {
    out[i] = Number(value);
  });
  return 0;
}

const paths = (path: string | Uint8Array) => path as Buffer;
const at = (position: number) => (position < 0 ? null : position);
const big = { bigint: true } as const;
const raw = { encoding: "buffer" } as const;

const letters: [letter: string, is: (entry: fs.Dirent<Buffer>) => boolean][] = [
  ["f", (entry) => entry.isFile()],
  ["d", (entry) => entry.isDirectory()],
  ["l", (entry) => entry.isSymbolicLink()],
];

const real: Files = {
  result,
  open: (path, flags, mode) => tried(() => fs.openSync(paths(path), flags, mode)),
  close: (file) => tried(() => fs.closeSync(file)),
  read: (file, bytes, offset, length, position) =>
    // The library's own read of nothing asks nobody.
    tried(() =>
      fs.readvSync(file, [bytes.subarray(offset, offset + length)], position < 0 ? undefined : position),
    ),
  write: (file, bytes, offset, length, position) =>
    tried(() => fs.writeSync(file, bytes, offset, length, at(position))),
  readSmall: (path, flags, max) =>
    tried(() => {
      const file = fs.openSync(paths(path), flags);
      try {
        const { size } = fs.fstatSync(file);
        return size > max ? -27 : fs.readSync(file, result, 0, max, null);
      } finally {
        fs.closeSync(file);
      }
    }),
  writeSmall: (path, flags, mode, bytes, length) =>
    tried(() => {
      const file = fs.openSync(paths(path), flags, mode);
      try {
        return fs.writeSync(file, bytes, 0, length, null);
      } finally {
        fs.closeSync(file);
      }
    }),
  truncate: (path, length) => {
    // The library's own opens the file to read as well.
    const file = tried(() => fs.openSync(paths(path), fs.constants.O_WRONLY));
    if (file < 0) return file;
    const error = tried(() => fs.ftruncateSync(file, length));
    fs.closeSync(file);
    return error;
  },
  ftruncate: (file, length) => tried(() => fs.ftruncateSync(file, length)),
  fsync: (file) => tried(() => fs.fsyncSync(file)),
  copyFile: (from, to, mode) => tried(() => fs.copyFileSync(paths(from), paths(to), mode)),
  stat: (path, out) => tried(() => give(out, fs.statSync(paths(path), big))),
  lstat: (path, out) => tried(() => give(out, fs.lstatSync(paths(path), big))),
  fstat: (file, out) => tried(() => give(out, fs.fstatSync(file, big))),
  statfs: (path, out) =>
    tried(() => {
      out[0] = fs.statfsSync(paths(path)).type;
    }),
  access: (path, mode) => tried(() => fs.accessSync(paths(path), mode)),
  chmod: (path, mode) => tried(() => fs.chmodSync(paths(path), mode)),
  fchmod: (file, mode) => tried(() => fs.fchmodSync(file, mode)),
  chown: (path, uid, gid) => tried(() => fs.chownSync(paths(path), uid, gid)),
  lchown: (path, uid, gid) => tried(() => fs.lchownSync(paths(path), uid, gid)),
  fchown: (file, uid, gid) => tried(() => fs.fchownSync(file, uid, gid)),
  utimes: (path, atime, mtime) => tried(() => fs.utimesSync(paths(path), atime, mtime)),
  lutimes: (path, atime, mtime) => tried(() => fs.lutimesSync(paths(path), atime, mtime)),
  futimes: (file, atime, mtime) => tried(() => fs.futimesSync(file, atime, mtime)),
  mkdir: (path, mode) => tried(() => fs.mkdirSync(paths(path), mode)),
  rmdir: (path) => tried(() => fs.rmdirSync(paths(path))),
  unlink: (path) => tried(() => fs.unlinkSync(paths(path))),
  rename: (from, to) => tried(() => fs.renameSync(paths(from), paths(to))),
  link: (from, to) => tried(() => fs.linkSync(paths(from), paths(to))),
  symlink: (target, path) => tried(() => fs.symlinkSync(paths(target), paths(path))),
  readlink: (path) => tried(() => into(fs.readlinkSync(paths(path), raw))),
  realpath: (path) => tried(() => into(fs.realpathSync.native(paths(path), raw))),
  umask: (mask) => process.umask(mask),
  chdir: (path) => tried(() => process.chdir(`${paths(path)}`)),
  list: (file) => {
    let entries: fs.Dirent<Buffer>[] = [];
    const error = tried(() => {
      entries = fs.readdirSync(`/proc/self/fd/${file}`, { ...raw, withFileTypes: true });
    });
    if (error < 0) return error;
    return entries
      .map((entry) => `${letters.find(([, is]) => is(entry))?.[0]} ${entry.name.toString("latin1")}`)
      .sort();
  },
};

/** Removes everything, whatever the modes are. */
function clear(folder: Buffer): void {
  const add = (name: Buffer) => Buffer.concat([folder, Buffer.from("/"), name]);
  tried(() => fs.chmodSync(folder, 0o700));
  for (const entry of fs.readdirSync(folder, { ...raw, withFileTypes: true })) {
    const path = add(entry.name);
    tried(() => {
      if (!entry.isDirectory()) return fs.unlinkSync(path);
      clear(path);
      return fs.rmdirSync(path);
    });
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { base, history } = JSON.parse(line) as { base: string; history: Operation[] };
  const slots: Slots = [-1, -1, -1, -1];
  process.umask(0o022);
  process.chdir(base);
  const answers = history.map((operation) => perform(real, slots, base, operation));
  for (const file of slots) if (file >= 0) fs.closeSync(file);
  process.chdir("/");
  tried(() => clear(Buffer.from(base)));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
});
