import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CompilerUnavailableError } from "../../../src/errors/compiler-unavailable-error.js";
import { findPackage, findTypeScript } from "../../../src/runtime/typescript/host-packages.js";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "secure-exec-peers-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(name: string, version: string): string {
  const directory = join(root, "node_modules", name);
  mkdirSync(directory, { recursive: true });
  // A package may say that it has nothing to be resolved.
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, version, main: "none.js" }));
  return directory;
}

const resolve = (name: string) => createRequire(join(root, "main.js")).resolve(name);

test("the TypeScript of this package's own place is found", () => {
  expect(findTypeScript()).toBe(dirname(createRequire(import.meta.url).resolve("typescript/package.json")));
});

test("one that is written in JavaScript is taken", () => {
  const directory = install("typescript", "6.1.0");
  expect(findTypeScript(resolve)).toBe(directory);
});

test("beside a native one, that which goes with it is", () => {
  install("typescript", "7.0.2");
  install("@typescript/typescript6", "6.0.2");
  const old = install("@typescript/old", "6.0.3");
  expect(findTypeScript(resolve)).toBe(old);
});

test("without one the error names what to install", () => {
  const error = (): unknown => {
    try {
      return findTypeScript(resolve);
    } catch (error) {
      return error;
    }
  };
  expect(error()).toMatchObject({
    code: "ERR_SECURE_EXEC_COMPILER_UNAVAILABLE",
    packages: ["typescript@6"],
    message:
      "The TypeScript compiler is not installed. Install it beside secure-exec: npm install typescript@6",
  });
  install("typescript", "7.0.2");
  expect(error()).toBeInstanceOf(CompilerUnavailableError);
  expect(error()).toMatchObject({
    packages: ["@typescript/typescript6"],
    message:
      "TypeScript 7.0.2 is a native program, which can't run in a guest. " +
      "Install the last one in JavaScript beside it: npm install @typescript/typescript6",
  });
});

test("a package that isn't there is none", () => {
  expect(findPackage("secure-exec-no-such-package", resolve)).toBeNull();
});
