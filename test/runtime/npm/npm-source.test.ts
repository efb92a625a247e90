import { afterEach, expect, test } from "vitest";
import type { SourceReader } from "../../../src/broker/mounts/index.js";
import { findHostNpm } from "../../../src/runtime/npm/host-npm.js";
import { NpmSource } from "../../../src/runtime/npm/npm-source.js";
import { TestDirectory } from "../../broker/mounts/directory.js";

const started = process.env["npm_execpath"];
afterEach(() => {
  process.env["npm_execpath"] = started;
});

/** A package that npm is found in. */
function fakeNpm(): TestDirectory {
  const directory = new TestDirectory({
    "package.json": JSON.stringify({ name: "npm" }),
    "bin/npm-cli.js": "commands",
    "node_modules/node-gyp/bin/node-gyp.js": "compiles",
    npmrc: "//registry.example/:_authToken=secret",
    ".npmrc": "//registry.example/:_authToken=secret",
  });
  process.env["npm_execpath"] = directory.at("bin/npm-cli.js");
  return directory;
}

async function names(reader: SourceReader, path: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const entries of reader.list(path)) found.push(...entries.map(({ name }) => name));
  return found.sort();
}

async function text(reader: SourceReader, path: string): Promise<string> {
  const file = await reader.open(path.split("/"));
  return Buffer.from(await file.read(0, file.size)).toString();
}

test("npm is found where it has started this process", () => {
  using npm = fakeNpm();
  expect(findHostNpm()).toBe(npm.path);
});

test("settings of the host's npm stay on the host", async () => {
  using _npm = fakeNpm();
  const reader = new NpmSource().reader();
  const there = await names(reader, []);
  expect(there).toEqual(expect.arrayContaining(["bin", "node_modules", "npmrc", "package.json"]));
  expect(there).not.toContain(".npmrc");
  const settings = await text(reader, "npmrc");
  expect(settings).toMatch(/^registry=https:.*\n(.*\n)?cpu=wasm32\n/);
  expect(settings).not.toContain("secret");
  await expect(reader.open([".npmrc"])).rejects.toThrow("ENOENT");
});

test("what would compile addons has another in its place, and commands can be run", async () => {
  using _npm = fakeNpm();
  const reader = new NpmSource().reader();
  const place = ["node_modules", "node-gyp", "bin"];
  expect(await names(reader, place)).toEqual(["node-gyp.js"]);
  expect(await text(reader, [...place, "node-gyp.js"].join("/"))).toContain("native addon");
  expect(await text(reader, "bin/npm-cli.js")).toBe("commands");
  for await (const [entry] of reader.list(["bin"])) if (entry) expect(entry.mode & 0o111).toBe(0o111);
});
