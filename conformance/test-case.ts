import { basename } from "node:path";
import { type Need, needsOf } from "./needs.ts";

/** One test of the suite: a program that has to end with 0. */
export interface TestCase {
  /** Its path below the suite: `parallel/test-fs-access.js`. */
  path: string;
  /** Its file's name. */
  name: string;
  /** What it is about, by its name: `fs`. */
  module: string;
  /** Node's options that it asks for. */
  flags: string[];
  /** Variables that it asks for. */
  env: Record<string, string>;
  needs: Need[];
}

/** Reads what a test says about itself, as the suite's own runner does: the first line of each kind. */
export function readTestCase(path: string, source: string): TestCase {
  const name = basename(path);
  const flags = words(source, "Flags");
  return { path, name, module: moduleOf(name), flags, env: readEnv(source), needs: needsOf(source) };
}

/** `test-fs-access.js` is about `fs`. */
export function moduleOf(name: string): string {
  return name.replace(/^test-|\.m?js$/g, "").split("-")[0] || "other";
}

function words(source: string, kind: string): string[] {
  const line = new RegExp(`//\\s+${kind}:(.*)`).exec(source)?.[1] ?? "";
  return line.trim().split(/\s+/).filter(Boolean);
}

function readEnv(source: string): Record<string, string> {
  const pairs = words(source, "Env").filter((word) => word.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

/** Names of tests, one a line; `#` begins a comment. */
export function parseList(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
}

/** How a canary has to end: one of the states after its `// Expect:`. */
export function expectationOf(source: string): string[] {
  const line = /\/\/\s+Expect:(.*)/.exec(source)?.[1] ?? "";
  return line.trim().split("|").filter(Boolean);
}
