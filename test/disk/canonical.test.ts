import { posix } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical } from "../../src/disk/calls/names.js";
import { Disk, formatDisk } from "../../src/disk/disk.js";
import { S_RESOLUTION } from "../../src/disk/layout.js";
import { O_CREAT, O_WRONLY } from "../../src/disk/modes.js";
import { FOLLOW, NO_FOLLOW, PARENT } from "../../src/disk/walk.js";
import { allocate } from "./support.js";

class LookedInto extends Disk {
  /** Where a path leads, or why nowhere. */
  leads(path: string, last: typeof FOLLOW | typeof NO_FOLLOW | typeof PARENT): string | number {
    const length = canonical(this.session, path, last);
    this.session.judged = false;
    if (length < 0) return length;
    const text = posix.normalize(Buffer.from(this.result.subarray(0, length)).toString());
    return text.length > 1 && text.endsWith("/") ? text.slice(0, -1) : text;
  }

  get resolution(): number {
    return this.session.words[S_RESOLUTION] as number;
  }
}

function makeDisk(cred = { uid: 0, gid: 0, umask: 0o022, cwd: 1 }): LookedInto {
  const size = { bytes: 1 << 20, inodes: 256 };
  const memory = allocate(size.bytes, size.inodes);
  formatDisk(memory, size);
  const owner = { id: 7, gate: new Int32Array(new SharedArrayBuffer(4)), gateIndex: 0 };
  return new LookedInto(memory, owner, cred);
}

const name = fc.constantFrom("a", "b", "c");
const part = fc.oneof({ weight: 4, arbitrary: name }, fc.constantFrom("..", ".", ""));
const path = fc
  .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
  .map(([absolute, parts]) => (absolute ? `/${parts.join("/")}` : parts.join("/") || "a"));
const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join("/")}`);
const step = fc.oneof(
  fc.record({ op: fc.constant("mkdir" as const), path: place }),
  fc.record({ op: fc.constantFrom("rmdir" as const, "unlink" as const, "write" as const), path: place }),
  fc.record({ op: fc.constant("symlink" as const), path: place, to: path }),
  fc.record({ op: fc.constantFrom("rename" as const, "link" as const), path: place, to: place }),
  fc.record({ op: fc.constant("chdir" as const), path: place }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(disk: LookedInto, cred: { cwd: number }, made: Step): boolean {
  switch (made.op) {
    case "mkdir":
      disk.mkdir(made.path, 0o755);
      return false;
    case "rmdir":
      disk.rmdir(made.path);
      return false;
    case "unlink":
      disk.unlink(made.path);
      return false;
    case "write":
      disk.writeSmall(made.path, O_CREAT | O_WRONLY, 0o644, new Uint8Array(1), 1);
      return false;
    case "symlink":
      disk.symlink(made.to, made.path);
      return false;
    case "rename":
      disk.rename(made.path, made.to);
      return false;
    case "link":
      disk.link(made.path, made.to);
      return false;
    case "chdir": {
      const directory = disk.resolveDirectory(made.path);
      if (directory > 0) cred.cwd = directory;
      return directory > 0;
    }
  }
}

test("while the count of changes stays, every path leads where it led", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(path, { minLength: 8, maxLength: 8 }),
      (steps, paths) => {
        const cred = { uid: 0, gid: 0, umask: 0o022, cwd: 1 };
        const disk = makeDisk(cred);
        const look = () =>
          paths.flatMap((text) =>
            ([FOLLOW, NO_FOLLOW, PARENT] as const).map((last) => disk.leads(text, last)),
          );
        let known = look();
        let count = disk.resolution;
        for (const made of steps) {
          const moved = take(disk, cred, made);
          const now = look();
          // What leads nowhere may come to lead somewhere, and back: no call gets anywhere meanwhile.
          const led = known.map((before, i) => (typeof before === "string" ? before : now[i]));
          if (disk.resolution !== count || moved) known = now;
          else {
            expect([made, now.map((after, i) => (typeof after === "string" ? after : led[i]))]).toEqual([
              made,
              led,
            ]);
            known = led as typeof known;
          }
          count = disk.resolution;
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test("what is there leads to its real path, by whatever way", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(path, { minLength: 8, maxLength: 8 }),
      (steps, paths) => {
        const disk = makeDisk();
        for (const made of steps) take(disk, { cwd: 1 }, made);
        for (const text of paths) {
          const length = disk.realpath(text);
          if (length < 0) continue;
          const real = Buffer.from(disk.result.subarray(0, length)).toString();
          expect(disk.leads(text, FOLLOW), text).toBe(real);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("what is missing leads to where it would be", () => {
  const disk = makeDisk();
  disk.mkdir("/a", 0o755);
  disk.symlink("/a", "/b");
  disk.symlink("../x/./y//z", "/a/dangling");
  disk.symlink("loop", "/loop");
  disk.writeSmall("/a/file", O_CREAT | O_WRONLY, 0o644, new Uint8Array(1), 1);
  expect(disk.leads("/b/x", FOLLOW)).toBe("/a/x");
  expect(disk.leads("/b/x/.//y/", FOLLOW)).toBe("/a/x/y");
  expect(disk.leads("/b/file/y", FOLLOW)).toBe("/a/file/y");
  // No call goes up again from there.
  expect(disk.leads("/b/x/../y", FOLLOW)).toBe(-2);
  expect(disk.leads("/b/x/y/..", PARENT)).toBe(-2);
  expect(disk.leads("/b/file/../../c", FOLLOW)).toBe(-20);
  expect(disk.leads("/b/dangling", FOLLOW)).toBe("/x/y/z");
  expect(disk.leads("/b/dangling", NO_FOLLOW)).toBe("/a/dangling");
  expect(disk.leads("/b/dangling/", NO_FOLLOW)).toBe("/x/y/z");
  expect(disk.leads("/b/dangling/", PARENT)).toBe("/a/dangling");
  expect(disk.leads("/b", PARENT)).toBe("/b");
  expect(disk.leads("x", FOLLOW)).toBe("/x");
  expect(disk.leads("/loop/x", FOLLOW)).toBe(-40);
});
