import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { operations, scopes } from "../../src/policy/operations.js";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

/** Of the kernel alone: no binding of a guest calls them. */
const kernels = ["seal", "setVirtual"];

test("each call of the disk with a path is judged", () => {
  const calls = [...read("src/disk/disk.ts").matchAll(/^ {2}(\w+)\([^)]*: Path\b/gm)].map(([, name]) => name);
  const classes = read("src/guest/judged-disk.ts") + read("src/guest/judged-files.ts");
  const judged = [...classes.matchAll(/^ {2}override (\w+)\(/gm)].map(([, name]) => name);
  expect(calls.length).toBeGreaterThan(25);
  expect(calls.filter((name) => !judged.includes(name as string)).sort()).toEqual(kernels);
});

test("the documents name each operation of each scope", () => {
  const text = read("docs/permissions.md");
  for (const scope of scopes) {
    expect(text).toContain(`| \`${scope}\` |`);
    for (const operation of operations[scope])
      expect(text, `${scope} ${operation}`).toContain(`\`${operation}\``);
  }
});
