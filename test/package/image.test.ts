import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const scripts = ["machine.cjs", "kernel.cjs", "guest.js", "commands.cjs", "tar.cjs"];

function read(script: string): string {
  return readFileSync(fileURLToPath(new URL(`../../dist/image/${script}`, import.meta.url)), "utf8");
}

/** The modules of Node that a script loads before it does anything. */
function modulesOf(script: string): string[] {
  const found = read(script).matchAll(/\blet [\w$]+\s*=\s*require\("(?<id>node:[\w/]+)"\)/g);
  return [...found].map(({ groups }) => groups?.["id"] as string).sort();
}

test.each(scripts)("%s takes one byte a character", (script) => {
  expect(/^[\0-\x7f]*$/.test(read(script))).toBe(true);
});

test("the kernel loads no module of Node that only some machines need", () => {
  expect(modulesOf("kernel.cjs")).toEqual(
    ["buffer", "ffi", "fs", "net", "os", "path", "url", "util", "vm", "worker_threads"].map(
      (name) => `node:${name}`,
    ),
  );
});

test("the guest's boot loads what every worker has", () => {
  expect(modulesOf("guest.js")).toEqual(["node:process", "node:worker_threads"]);
});
