import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageFiles } from "./packages.ts";
import { PlainHome } from "./plain-home.ts";
import type { Ended } from "./plain-node.ts";
import { expectSame } from "./same-as-plain.ts";

/* The tools of a package's author, by the names that they have in a shell, beside plain Node's. */

const packed = ["@eslint/js", "eslint", "mocha", "prettier", "typescript"];

/** The npm that runs the tests, for a guest's and plain Node's `~/npm`. */
function npmFiles(): Record<string, Uint8Array> {
  const started = process.env["npm_execpath"];
  if (started === undefined) throw new Error("the tests of tools are to be started by npm or npx");
  const folder = dirname(dirname(started));
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[`/home/user/npm/${relative(folder, path)}`] = readFileSync(path);
  }
  return files;
}

const project: Record<string, string> = {
  ".npmrc": "update-notifier=false\nlogs-max=0\n",
  "package.json": JSON.stringify({
    name: "project",
    version: "1.2.3",
    scripts: {
      prehello: "node -p process.env.npm_lifecycle_event",
      hello: "echo hello",
      lint: "eslint lib && echo clean",
      fails: "exit 3",
      test: "mocha spec",
    },
  }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: { strict: true, target: "es2022", module: "nodenext", types: [], outDir: "out" },
    files: ["lib/typed.mts"],
  }),
  "lib/typed.mts": "export enum Color { Red = 1 }\nexport const names: string[] = [Color[1]!];\n",
  "lib/wrong.mts": "export const n: number = 'text';\nimport './missing.mjs';\n",
  "lib/ugly.js": "const x={a:1,\n  b : 2};export {x as   y}\n",
  "lib/broken.js": "var unused = 1;\nmissing();\n",
  "eslint.config.mjs":
    "import js from '@eslint/js';\nexport default [js.configs.recommended, { files: ['lib/ugly.js'], rules: { 'no-extra-semi': 0 } }];\n",
  "spec/a.spec.cjs": `
    const assert = require("node:assert");
    describe("numbers", () => {
      it("add up", () => assert.equal(1 + 1, 2));
      it("wait", (done) => setTimeout(done, 1));
      it("differ", () => assert.equal(1, 2));
    });`,
  "spec/b.spec.mjs": "it('imports', async () => { await import('node:fs') });\n",
};

/** What makes `npm`, `npx` and the packages' own names commands. */
const setUp = [
  "mkdir bin",
  "chmod 755 npm/bin/*.js",
  "ln -s ../npm/bin/npm-cli.js bin/npm",
  "ln -s ../npm/bin/npx-cli.js bin/npx",
  "npm rebuild --ignore-scripts",
].join(" && ");

const withTools = (line: string): string =>
  `export PATH="$HOME/bin:$HOME/node_modules/.bin:$PATH" NO_COLOR=1; ${line}`;

/** What a tool says of the time it took. */
const untimed = ({ stdout, stderr, exitCode }: Ended): Ended => {
  const plainly = (text: string): string => text.replaceAll(/\b\d+ms\b/g, "0ms");
  return { stdout: plainly(stdout), stderr: plainly(stderr), exitCode };
};

let rt: NodeRuntime;
let plain: PlainHome;

const inGuest = (line: string): Promise<Ended> =>
  rt.command("sh", ["-c", withTools(line)], { timeout: 55_000 });

beforeAll(async () => {
  const own = Object.entries(project).map(([name, text]) => [`/home/user/${name}`, Buffer.from(text)]);
  const files = { ...npmFiles(), ...packageFiles(packed), ...Object.fromEntries(own) };
  plain = new PlainHome(files);
  rt = await NodeRuntime.create({ files, limits: { memoryBytes: 1 << 30 } });
  expectSame(untimed(await inGuest(setUp)), untimed(await plain.sh(withTools(setUp))));
}, 120_000);
afterAll(async () => {
  plain[Symbol.dispose]();
  await rt.dispose();
});

describe("tools from files on the disk do as on plain Node", () => {
  it.each([
    "npm --version",
    "npm run",
    "npm run hello -- 'a  b' \"c'd\"",
    "npm run --silent fails; echo $?",
    "npm run nothing",
    "npm pkg get name version",
    "npm pkg set license=MIT && cat package.json",
    "npm ls --all | tail -n 3",
    "npm test",
    "npm run lint",
    "npm exec -- tsc --version",
    "npx prettier --version",
    "cd spec && npx eslint --version",
    "npx -c 'mocha --version; echo $PWD'",
    "npx --no --offline -- not-installed",
    "tsc --version",
    "tsc -p . && cat out/typed.mjs && node out/typed.mjs",
    "tsc --noEmit --strict --module nodenext lib/wrong.mts",
    "tsc --showConfig",
    "eslint lib",
    "eslint --format json lib/broken.js",
    "eslint --stdin < lib/broken.js",
    "prettier --check lib",
    "prettier lib/ugly.js && prettier --write lib/ugly.js && cat lib/ugly.js",
    "echo 'a  =  1' | prettier --stdin-filepath x.js",
    "mocha spec",
    "mocha --reporter json --parallel spec/b.spec.mjs | grep -c imports",
    "mocha --grep 'add up' --reporter dot 'spec/*.cjs'",
  ])("%s", async (line) => {
    const [ours, theirs] = await Promise.all([inGuest(line), plain.sh(withTools(line))]);
    expectSame(untimed(ours), untimed(theirs));
    expect(theirs.stdout + theirs.stderr).not.toBe("");
  });
});
