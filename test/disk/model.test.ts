import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDisk, type Disk } from "../../src/disk/disk.js";
import { list, makeDisk, text } from "./support.js";

/*
 * The same random calls on the disk and on the real filesystem must answer the same. Paths have at most
 * three ".." and links none, and the place where they start is six deep, so none leads out of it.
 */

const DEEP = "x/x/x/x/x/x";
const FLAGS = {
  r: 0,
  "r+": 2,
  w: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC,
  wx: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL,
  a: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_APPEND,
  "a+": fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND,
  directory: fs.constants.O_RDONLY | fs.constants.O_DIRECTORY,
  nofollow: fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
} as const;

interface Side {
  base: string;
  files: number[];
}

interface Call {
  label: string;
  real(side: Side): unknown;
  mine(disk: Disk, side: Side): unknown;
}

function tried(call: () => unknown): unknown {
  try {
    return call() ?? 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `error ${os.constants.errno[code as keyof typeof os.constants.errno] ?? code}`;
  }
}

function answer(result: number, value: () => unknown = () => 0): unknown {
  return result < 0 ? `error ${-result}` : value();
}

const name = fc.constantFrom(
  "a",
  "b",
  "c",
  "d",
  "a",
  "b",
  "c",
  "ä€😀",
  "n".repeat(255),
  "n".repeat(256),
  "m".repeat(60),
);
const component = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom(".", "..") },
);
const place = fc
  .tuple(fc.array(component, { minLength: 1, maxLength: 3 }), fc.constantFrom("", "", "", "", "", "/"))
  .map(([parts, end]) => parts.join("/") + end);
const target = fc.oneof(
  fc.constantFrom("a", "b", "c", "a/b", "./a", "b/", "nowhere", "a//c"),
  fc.constantFrom("BASE/a", "BASE/b/c"),
);
const data = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer({ min: 1, max: 20000 }).map((n) => "0123456789abcdef".repeat(n).slice(0, n)),
);
const slot = fc.integer({ min: 0, max: 3 });
const offset = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 70000 }));

function statFields(s: fs.Stats): unknown {
  return s.isDirectory()
    ? { mode: s.mode, uid: s.uid }
    : { mode: s.mode, nlink: s.nlink, uid: s.uid, size: s.isSymbolicLink() ? -1 : s.size };
}

function myStat(out: Float64Array): unknown {
  const mode = out[1] ?? 0;
  const kind = mode & 0o170000;
  return kind === 0o040000
    ? { mode, uid: out[3] }
    : { mode, nlink: out[2], uid: out[3], size: kind === 0o120000 ? -1 : out[8] };
}

const out = new Float64Array(18);

const onPath = (label: string, real: (p: string) => unknown, mine: (disk: Disk, p: string) => unknown) =>
  place.map(
    (p): Call => ({
      label: `${label} ${p}`,
      real: ({ base }) => tried(() => real(`${base}/${p}`)),
      mine: (disk, { base }) => mine(disk, `${base}/${p}`),
    }),
  );

const onTwo = (
  label: string,
  real: (p: string, q: string) => unknown,
  mine: (disk: Disk, p: string, q: string) => unknown,
) =>
  fc.tuple(place, place).map(
    ([p, q]): Call => ({
      label: `${label} ${p} ${q}`,
      real: ({ base }) => tried(() => real(`${base}/${p}`, `${base}/${q}`)),
      mine: (disk, { base }) => mine(disk, `${base}/${p}`, `${base}/${q}`),
    }),
  );

const open = fc.tuple(slot, place, fc.constantFrom(...(Object.keys(FLAGS) as (keyof typeof FLAGS)[]))).map(
  ([i, p, how]): Call => ({
    label: `open ${i} ${p} ${how}`,
    real: (side) =>
      tried(() => {
        const fd = fs.openSync(`${side.base}/${p}`, FLAGS[how], 0o640);
        if (side.files[i] !== -1) fs.closeSync(side.files[i] ?? -1);
        side.files[i] = fd;
      }),
    mine: (disk, side) => {
      const file = disk.open(`${side.base}/${p}`, FLAGS[how], 0o640);
      if (file < 0) return `error ${-file}`;
      if (side.files[i] !== -1) disk.close(side.files[i] ?? -1);
      side.files[i] = file;
      return 0;
    },
  }),
);

const onFile = (label: string, real: (fd: number) => unknown, mine: (disk: Disk, file: number) => unknown) =>
  slot.map(
    (i): Call => ({
      label: `${label} ${i}`,
      real: ({ files }) => (files[i] === -1 ? "none" : tried(() => real(files[i] ?? -1))),
      mine: (disk, { files }) => (files[i] === -1 ? "none" : mine(disk, files[i] ?? -1)),
    }),
  );

function readBytes(length: number, read: (bytes: Buffer) => number): unknown {
  const bytes = Buffer.alloc(length, 255);
  const done = read(bytes);
  return done < 0 ? `error ${-done}` : bytes.subarray(0, done).toString("latin1");
}

const call: fc.Arbitrary<Call> = fc.oneof(
  onPath(
    "mkdir",
    (p) => fs.mkdirSync(p, 0o751),
    (disk, p) => answer(disk.mkdir(p, 0o751)),
  ),
  onPath(
    "mkdir",
    (p) => fs.mkdirSync(p, 0o777),
    (disk, p) => answer(disk.mkdir(p, 0o777)),
  ),
  onPath(
    "rmdir",
    (p) => fs.rmdirSync(p),
    (disk, p) => answer(disk.rmdir(p)),
  ),
  onPath(
    "unlink",
    (p) => fs.unlinkSync(p),
    (disk, p) => answer(disk.unlink(p)),
  ),
  onTwo(
    "rename",
    (p, q) => fs.renameSync(p, q),
    (disk, p, q) => answer(disk.rename(p, q)),
  ),
  onTwo(
    "rename",
    (p, q) => fs.renameSync(p, q),
    (disk, p, q) => answer(disk.rename(p, q)),
  ),
  onTwo(
    "link",
    (p, q) => fs.linkSync(p, q),
    (disk, p, q) => answer(disk.link(p, q)),
  ),
  onTwo(
    "copyFile",
    // libuv removes the target when the source is a directory; this disk does not.
    (p, q) => (fs.statSync(p).isDirectory() ? "directory" : fs.copyFileSync(p, q)),
    (disk, p, q) => {
      const error = disk.stat(p, out);
      if (error === 0 && ((out[1] ?? 0) & 0o170000) === 0o040000) return "directory";
      return answer(disk.copyFile(p, q, 0));
    },
  ),
  fc.tuple(target, place).map(
    ([t, p]): Call => ({
      label: `symlink ${t} ${p}`,
      real: ({ base }) => tried(() => fs.symlinkSync(t.replace("BASE", base), `${base}/${p}`)),
      mine: (disk, { base }) => answer(disk.symlink(t.replace("BASE", base), `${base}/${p}`)),
    }),
  ),
  fc.tuple(place, data, fc.constantFrom("w", "a", "wx", "r+")).map(
    ([p, d, flag]): Call => ({
      label: `writeFile ${p} ${d.length} ${flag}`,
      real: ({ base }) => tried(() => fs.writeFileSync(`${base}/${p}`, d, { flag, mode: 0o644 })),
      mine: (disk, { base }) => {
        const bytes = Buffer.from(d);
        const flags = FLAGS[flag as keyof typeof FLAGS];
        return answer(disk.writeSmall(`${base}/${p}`, flags, 0o644, bytes, bytes.length));
      },
    }),
  ),
  onPath(
    "readFile",
    (p) => fs.readFileSync(p, "latin1"),
    (disk, p) => {
      const length = disk.readSmall(p, 0, 65536);
      if (length !== -27)
        return answer(length, () => Buffer.from(disk.result.slice(0, length)).toString("latin1"));
      const file = disk.open(p, 0, 0);
      const bytes = Buffer.alloc(1 << 20);
      const done = disk.read(file, bytes, 0, bytes.length, -1);
      disk.close(file);
      return bytes.subarray(0, done).toString("latin1");
    },
  ),
  fc.tuple(place, offset).map(
    ([p, length]): Call => ({
      label: `truncate ${p} ${length}`,
      real: ({ base }) =>
        tried(() => {
          // fs.truncate opens the file; the disk's truncate is the system call. Both refuse alike.
          const fd = fs.openSync(`${base}/${p}`, "r+");
          try {
            fs.ftruncateSync(fd, length);
          } finally {
            fs.closeSync(fd);
          }
        }),
      mine: (disk, { base }) => answer(disk.truncate(`${base}/${p}`, length)),
    }),
  ),
  onPath(
    "stat",
    (p) => statFields(fs.statSync(p)),
    (disk, p) => answer(disk.stat(p, out), () => myStat(out)),
  ),
  onPath(
    "lstat",
    (p) => statFields(fs.lstatSync(p)),
    (disk, p) => answer(disk.lstat(p, out), () => myStat(out)),
  ),
  onPath(
    "access",
    (p) => fs.accessSync(p, 4),
    (disk, p) => answer(disk.access(p, 4)),
  ),
  onPath(
    "chmod",
    (p) => fs.chmodSync(p, 0o711),
    (disk, p) => answer(disk.chmod(p, 0o711)),
  ),
  place.map(
    (p): Call => ({
      label: `readlink ${p}`,
      real: ({ base }) => tried(() => fs.readlinkSync(`${base}/${p}`).replace(base, "BASE")),
      mine: (disk, { base }) => {
        const length = disk.readlink(`${base}/${p}`);
        return answer(length, () => text(disk, length).replace(base, "BASE"));
      },
    }),
  ),
  place.map(
    (p): Call => ({
      label: `realpath ${p}`,
      real: ({ base }) => tried(() => path.relative(base, fs.realpathSync.native(`${base}/${p}`))),
      mine: (disk, { base }) => {
        const length = disk.realpath(`${base}/${p}`);
        return answer(length, () => path.relative(base, text(disk, length)));
      },
    }),
  ),
  onPath(
    "readdir",
    (p) => fs.readdirSync(p).sort(),
    (disk, p) => {
      const file = disk.open(p, fs.constants.O_DIRECTORY, 0);
      if (file < 0) return `error ${-file}`;
      disk.close(file);
      return list(disk, p).sort();
    },
  ),
  open,
  open,
  fc.tuple(slot, data, fc.oneof(fc.constant(-1), offset)).map(
    ([i, d, at]): Call => ({
      label: `write ${i} ${d.length} at ${at}`,
      real: ({ files }) =>
        files[i] === -1
          ? "none"
          : tried(() =>
              fs.writeSync(files[i] ?? -1, Buffer.from(d), 0, Buffer.byteLength(d), at < 0 ? null : at),
            ),
      mine: (disk, { files }) => {
        if (files[i] === -1) return "none";
        const bytes = Buffer.from(d);
        const done = disk.write(files[i] ?? -1, bytes, 0, bytes.length, at);
        return answer(done, () => done);
      },
    }),
  ),
  fc.tuple(slot, fc.integer({ min: 1, max: 30000 }), fc.oneof(fc.constant(-1), offset)).map(
    ([i, length, at]): Call => ({
      label: `read ${i} ${length} at ${at}`,
      real: ({ files }) =>
        files[i] === -1
          ? "none"
          : tried(() =>
              readBytes(length, (bytes) => fs.readSync(files[i] ?? -1, bytes, 0, length, at < 0 ? null : at)),
            ),
      mine: (disk, { files }) =>
        files[i] === -1
          ? "none"
          : readBytes(length, (bytes) => disk.read(files[i] ?? -1, bytes, 0, length, at)),
    }),
  ),
  fc.tuple(slot, offset).map(
    ([i, length]): Call => ({
      label: `ftruncate ${i} ${length}`,
      real: ({ files }) => (files[i] === -1 ? "none" : tried(() => fs.ftruncateSync(files[i] ?? -1, length))),
      mine: (disk, { files }) => (files[i] === -1 ? "none" : answer(disk.ftruncate(files[i] ?? -1, length))),
    }),
  ),
  onFile(
    "fstat",
    (fd) => statFields(fs.fstatSync(fd)),
    (disk, file) => answer(disk.fstat(file, out), () => myStat(out)),
  ),
  onFile(
    "fchmod",
    (fd) => fs.fchmodSync(fd, 0o600),
    (disk, file) => answer(disk.fchmod(file, 0o600)),
  ),
);

const shown = call.map((made) => ({ ...made, [fc.toStringMethod]: () => made.label }));

test("answers what the real filesystem answers", () => {
  const top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "secure-exec-model-")));
  const umask = process.umask();
  let round = 0;
  try {
    fc.assert(
      fc.property(fc.array(shown, { minLength: 1, maxLength: 60, size: "max" }), (calls) => {
        const real: Side = { base: `${top}/${round++}/${DEEP}`, files: [-1, -1, -1, -1] };
        const mine: Side = { base: `/w/${DEEP}`, files: [-1, -1, -1, -1] };
        const identity = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, umask };
        const { disk, memory, credentials } = makeDisk(8 << 20, 1024);
        disk.chmod("/", 0o777);
        Object.assign(credentials, identity);
        for (let at = "/w"; at.length <= mine.base.length; at += "/x") expect(disk.mkdir(at, 0o777)).toBe(0);
        fs.mkdirSync(real.base, { recursive: true });
        const done: string[] = [];
        for (const { label, real: onReal, mine: onMine } of calls) {
          done.push(label);
          expect([done, onMine(disk, mine)]).toEqual([done, onReal(real)]);
        }
        for (const fd of real.files) if (fd !== -1) fs.closeSync(fd);
        for (const file of mine.files) if (file !== -1) disk.close(file);
        expect(checkDisk(memory)).toEqual({ repaired: 0, problems: [], formatted: false });
      }),
      {
        interruptAfterTimeLimit: 10_000,
        numRuns: 400,
        seed: Number(process.env["FC_SEED"] ?? Date.now() % 2 ** 31),
      },
    );
  } finally {
    fs.rmSync(top, { recursive: true, force: true });
  }
});
