import { constants } from "node:fs";
import type { Files } from "./files.js";
import type { Operation } from "./operations.js";

/** The files that a history has open, by the numbers that it gives them. */
export type Slots = number[];

const FORMAT = 0o170000;
const out = new Float64Array(18);
const buffer = Buffer.alloc(1 << 17);

/** The bytes of a path; `4095:a/b` is padded with slashes to 4095 bytes. */
function pathBytes(text: string | number | undefined, base: string): Uint8Array {
  const [, length = "", path = ""] = /^(?:(\d+):)?(.*)$/s.exec(`${text}`) ?? [];
  const full = path.replace("BASE", base);
  const slash = full.indexOf("/");
  const at = slash < 0 ? 0 : slash;
  const padding = (slash < 0 ? "./" : "/").repeat(
    Math.ceil(Math.max(0, Number(length) - full.length) / (slash < 0 ? 2 : 1)),
  );
  return Buffer.from(full.slice(0, at) + padding + full.slice(at), "latin1");
}

/** Bytes that a `seed` makes, none of them in a run. */
export function fill(length: number, seed: number): Buffer {
  const bytes = buffer.subarray(0, length);
  for (let i = 0; i < length; i++) bytes[i] = seed + i * 7 + (i >>> 8);
  return bytes;
}

function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length} bytes ${(hash >>> 0).toString(16)}`;
}

function answer(result: number, value: () => unknown = () => result): unknown {
  return result < 0 ? `error ${-result}` : value();
}

/** A time that was set; others are the present. */
function time(field: number): number | string {
  const seconds = out[field] ?? 0;
  const set = seconds < 1e9 || seconds > 4e9;
  return set ? `${seconds}.${out[field + 1]}` : "now";
}

function statAnswer(error: number): unknown {
  return answer(error, () => {
    const mode = out[1] ?? 0;
    const kind = mode & FORMAT;
    return {
      mode: mode.toString(8),
      nlink: out[2],
      uid: out[3],
      gid: out[4],
      size: kind === constants.S_IFDIR ? -1 : out[8],
      atime: time(10),
      mtime: time(12),
      ctime: time(14),
    };
  });
}

function isDirectory(files: Files, path: Uint8Array): boolean {
  return files.stat(path, out) === 0 && ((out[1] ?? 0) & FORMAT) === constants.S_IFDIR;
}

/** Does one operation, and answers what can be compared. */
export function perform(files: Files, slots: Slots, base: string, [call, ...args]: Operation): unknown {
  const path = pathBytes(args[0], base);
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = args.map(Number);
  const file = slots[first] ?? -1;
  const text = (length: number) =>
    answer(length, () => Buffer.from(files.result.slice(0, length)).toString("latin1"));
  switch (call) {
    case "open": {
      const opened = files.open(pathBytes(args[1], base), third, fourth);
      if (opened < 0) return answer(opened);
      if (file >= 0) files.close(file);
      slots[first] = opened;
      return 0;
    }
    case "readSmall": {
      const length = files.readSmall(path, 0, 65536);
      return answer(length, () => digest(files.result.slice(0, length)));
    }
    case "writeSmall":
      return answer(
        files.writeSmall(path, second, third, fill(Math.min(fifth, 65536), fourth), Math.min(fifth, 65536)),
      );
    case "truncate":
      return answer(files.truncate(path, second));
    case "copyFile":
      // The oracle's library removes the target when the source is a directory; the disk does not.
      if (isDirectory(files, path)) return "directory";
      return answer(files.copyFile(path, pathBytes(args[1], base), third));
    case "stat":
      return statAnswer(files.stat(path, out));
    case "lstat":
      return statAnswer(files.lstat(path, out));
    case "statfs":
      return answer(files.statfs(path, out), () => out[0]);
    case "access":
      return answer(files.access(path, second));
    case "chmod":
      return answer(files.chmod(path, second));
    case "chown":
      return answer(files.chown(path, second, third));
    case "lchown":
      return answer(files.lchown(path, second, third));
    case "utimes":
      return answer(files.utimes(path, second, third));
    case "lutimes":
      return answer(files.lutimes(path, second, third));
    case "mkdir":
      return answer(files.mkdir(path, second));
    case "rmdir":
      return answer(files.rmdir(path));
    case "unlink":
      return answer(files.unlink(path));
    case "rename":
      return answer(files.rename(path, pathBytes(args[1], base)));
    case "link":
      return answer(files.link(path, pathBytes(args[1], base)));
    case "symlink":
      return answer(files.symlink(path, pathBytes(args[1], base)));
    case "chain": {
      const made = [];
      for (let i = 0; i < first; i++) {
        const target = i === 0 ? pathBytes(args[1], base) : Buffer.from(`l${i}`);
        made.push(files.symlink(target, Buffer.from(`l${i + 1}`)));
      }
      return made;
    }
    case "readlink":
      return text(files.readlink(path));
    case "realpath":
      // The oracle's library goes along the path itself, and may get where the system doesn't.
      return answer(files.stat(path, out), () => text(files.realpath(path)));
    case "readdir": {
      const opened = files.open(path, constants.O_RDONLY | constants.O_DIRECTORY, 0);
      if (opened < 0) return answer(opened);
      const names = files.list(opened);
      files.close(opened);
      return names;
    }
    case "chdir":
      return answer(files.chdir(path));
    case "umask":
      return files.umask(first);
    default:
      return file < 0 ? "none" : onFile(files, slots, file, [call, ...args]);
  }
}

function onFile(files: Files, slots: Slots, file: number, [call, slot, ...args]: Operation): unknown {
  const [a = 0, b = 0, c = 0] = args.map(Number);
  switch (call) {
    case "close":
      slots[Number(slot)] = -1;
      return answer(files.close(file));
    case "read": {
      const done = files.read(file, buffer, 0, a, b);
      return answer(done, () => digest(buffer.subarray(0, done)));
    }
    case "write":
      return answer(files.write(file, fill(b, a), 0, b, c));
    case "ftruncate":
      return answer(files.ftruncate(file, a));
    case "fsync":
      return answer(files.fsync(file));
    case "fstat":
      return statAnswer(files.fstat(file, out));
    case "fchmod":
      return answer(files.fchmod(file, a));
    case "fchown":
      return answer(files.fchown(file, a, b));
    case "futimes":
      return answer(files.futimes(file, a, b));
    default:
      throw new Error(`no operation ${call}`);
  }
}
