import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "secure-exec-npm-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Puts bytes where a guest's npm has the contents of packages, by the hash of others. */
const forge = `
  import { createHash } from "node:crypto";
  import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
  import { gzipSync } from "node:zlib";
  const right = gzipSync("right"), wrong = gzipSync("wrong");
  const place = (bytes) => {
    const hex = createHash("sha512").update(bytes).digest("hex");
    const folder = process.env.HOME + "/.npm/_cacache/content-v2/sha512/" + hex.slice(0, 2) + "/" + hex.slice(2, 4);
    mkdirSync(folder, { recursive: true });
    return folder + "/" + hex.slice(4);
  };
  writeFileSync(place(right), wrong);
  writeFileSync(place("no package"), "no package");
  const other = place(wrong);
  symlinkSync("/etc/passwd", other);
  mkdirSync(other + "\\nsha512");
  writeFileSync(other + "x", wrong);
`;

describe("what guests share of packages", () => {
  test("no content is kept that is not what its name says, nor what is no package", async () => {
    await using rt = await NodeRuntime.create({ npm: { cache } });
    const { stderr } = await rt.exec(forge);
    expect(stderr).toBe("");
    await rt.writeFile("/home/user/package.json", "{}");
    await rt.npm.install();
    expect(readdirSync(cache, { recursive: true })).toEqual([]);
  });

  test("changes of a guest stay in its machine", async () => {
    await using rt = await NodeRuntime.create({ npm: { cache } });
    await rt.exec(forge);
    await using other = await NodeRuntime.create({ npm: { cache } });
    expect(await other.readdir("/home/user/.npm/_cacache/content-v2")).toEqual([]);
  });
});

describe("npm's own files", () => {
  test("can't be changed by guests", async () => {
    await using rt = await NodeRuntime.create();
    const { stdout } = await rt.command("sh", [
      "-c",
      "npm=/usr/local/lib/node_modules/npm; for file in $npm/bin/npm-cli.js $npm/npmrc $npm/new; do (echo x > $file) 2>&1; done",
    ]);
    expect(stdout.match(/Read-only file system/g)).toHaveLength(3);
  });
});
