import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { HostDirectory } from "../../../src/broker/mounts/index.js";
import { type SourceEntry, SourceFailure, type SourceFile } from "../../../src/broker/mounts/source.js";
import { TestDirectory } from "./directory.js";

function listed(source: HostDirectory, path: string[]): SourceEntry[] {
  const reader = source.reader();
  try {
    return [...(reader.list(path) as Iterable<SourceEntry[]>)].flat();
  } finally {
    reader.close();
  }
}

function opened(source: HostDirectory, path: string[]): SourceFile {
  const reader = source.reader();
  try {
    return reader.open(path) as SourceFile;
  } finally {
    reader.close();
  }
}

function entries(source: HostDirectory, path: string[]) {
  return Object.fromEntries(listed(source, path).map((entry) => [entry.name, entry]));
}

function content(source: HostDirectory, path: string[]): string {
  const file = opened(source, path);
  try {
    return Buffer.from(file.read(0, 1024) as Uint8Array).toString();
  } finally {
    file.close();
  }
}

function failure(work: () => unknown): SourceFailure {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SourceFailure);
    return error as SourceFailure;
  }
  throw new Error("no failure");
}

describe("what is listed", () => {
  test("files, directories and links with what is to be known of them", () => {
    using dir = new TestDirectory({ "a.txt": "abc", "lib/b": "b", link: ["lib/b"] });
    chmodSync(dir.at("a.txt"), 0o640);
    const source = new HostDirectory(dir.path, dir.path);
    const { "a.txt": file, lib, link } = entries(source, []);
    expect(file).toMatchObject({ type: "file", size: 3, mode: 0o640 });
    expect(lib).toMatchObject({ type: "directory" });
    expect(link).toMatchObject({ type: "symlink", target: "lib/b", size: 5 });
  });

  test("neither fifos nor where links lead that leave", () => {
    using outside = new TestDirectory({ secret: "SECRET" });
    using dir = new TestDirectory({ out: [outside.at("secret")], up: ["../.."] });
    execFileSync("mkfifo", [dir.at("fifo")]);
    const source = new HostDirectory(dir.path, dir.path);
    const listed = entries(source, []);
    expect(Object.keys(listed).sort()).toEqual(["out", "up"]);
    expect(listed["out"]).toMatchObject({ mode: 0, target: "." });
    expect(JSON.stringify(listed)).not.toContain(outside.path);
    expect(failure(() => opened(source, ["fifo"])).message).toBe("EACCES");
  });

  test("a directory with more names than are looked at at a time", () => {
    const files = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`f${i}`, "x"]));
    using dir = new TestDirectory(files);
    const source = new HostDirectory(dir.path, dir.path);
    expect(Object.keys(entries(source, [])).sort()).toEqual(Object.keys(files).sort());
  });
});

describe("no link is followed", () => {
  test("as a file, as a directory on the way, or as the root itself", () => {
    using outside = new TestDirectory({ "d/secret": "SECRET" });
    using dir = new TestDirectory({
      "in/f": "inside",
      link: [outside.at("d/secret")],
      way: [outside.at("d")],
    });
    const source = new HostDirectory(dir.path, dir.path);
    expect(content(source, ["in", "f"])).toBe("inside");
    expect(failure(() => opened(source, ["link"])).refused).toBe(true);
    expect(failure(() => opened(source, ["way", "secret"])).message).toBe("ENOTDIR");
    expect(failure(() => listed(source, ["way"])).message).toBe("ENOTDIR");
    rmSync(dir.path, { recursive: true });
    symlinkSync(outside.path, dir.path);
    expect(failure(() => listed(source, [])).message).toBe("ENOTDIR");
  });

  test("a directory that is moved out is not read where it is then", () => {
    using outside = new TestDirectory();
    using dir = new TestDirectory({ "a/b/f": "inside" });
    const source = new HostDirectory(dir.path, dir.path);
    const reader = source.reader();
    const listing = (reader.list(["a", "b"]) as Iterable<SourceEntry[]>)[Symbol.iterator]();
    renameSync(dir.at("a"), outside.at("a"));
    mkdirSync(dir.at("a"));
    expect(failure(() => listing.next()).message).toBe("ENOENT");
    expect(failure(() => opened(source, ["a", "b", "f"])).message).toBe("ENOENT");
  });
});

/** 100000 when somebody wants to know for certain. */
const ROUNDS = Number(process.env["MOUNT_RACE_ROUNDS"] ?? 3000);

/** Swaps `name` for a link to elsewhere and back, until it is ended. */
const swapper = `
  const { workerData: { inside, aside, outside } } = require("node:worker_threads");
  const { renameSync, symlinkSync, unlinkSync } = require("node:fs");
  for (;;) {
    renameSync(inside, aside);
    symlinkSync(outside, inside);
    unlinkSync(inside);
    renameSync(aside, inside);
  }`;

async function race(
  inside: string,
  aside: string,
  outside: string,
  attempt: () => string,
): Promise<Set<string>> {
  const worker = new Worker(swapper, { eval: true, workerData: { inside, aside, outside } });
  const got = new Set<string>();
  try {
    for (let round = 0; round < ROUNDS || got.size < 2; round++) {
      try {
        got.add(attempt());
      } catch (error) {
        if (!(error instanceof SourceFailure)) throw error;
        got.add("refused");
      }
      if (round % 100 === 0) await new Promise(setImmediate);
    }
  } finally {
    await worker.terminate();
  }
  return got;
}

describe("links that are swapped while somebody reads win nothing", () => {
  test("in place of a directory", { timeout: 600_000 }, async () => {
    using outside = new TestDirectory({ f: "SECRET" });
    using dir = new TestDirectory({ "a/d/f": "inside" });
    const source = new HostDirectory(dir.path, dir.path);
    const attempt = () => content(source, ["a", "d", "f"]);
    const got = await race(dir.at("a/d"), dir.at("aside"), outside.path, attempt);
    expect([...got].sort()).toEqual(["inside", "refused"]);
  });

  test("in place of a file", { timeout: 600_000 }, async () => {
    using outside = new TestDirectory({ f: "SECRET" });
    using dir = new TestDirectory({ "a/f": "inside" });
    const source = new HostDirectory(dir.path, dir.path);
    const got = await race(dir.at("a/f"), dir.at("aside"), outside.at("f"), () =>
      content(source, ["a", "f"]),
    );
    expect([...got].sort()).toEqual(["inside", "refused"]);
  });

  test("in place of a directory that is listed", { timeout: 600_000 }, async () => {
    using outside = new TestDirectory({ secret: "" });
    using dir = new TestDirectory({ "d/f": "" });
    const source = new HostDirectory(dir.path, dir.path);
    const attempt = () => Object.keys(entries(source, ["d"])).join() || "nothing";
    const got = await race(dir.at("d"), dir.at("aside"), outside.path, attempt);
    // Between two names there may be none.
    expect([...got].filter((found) => !["f", "refused", "nothing"].includes(found))).toEqual([]);
  });
});
