import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkLimits } from "../../src/runtime/options/limits.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

function run(args: string[]): string {
  // What a program prints is compared letter for letter: no colours.
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, NODE_OPTIONS: undefined };
  return execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
}

/** What each example prints. */
const examples: Record<string, string> = {
  "ai-agent-code-exec.ts": `exitCode: 0
stdout: computed 20 fibonacci numbers
returned value: {"fibonacci":[0,1,1,2,3,5,8,13,21,34,55,89,144,233,377,610,987,1597,2584,4181],"sum":10945}

escape attempt exitCode: 0
escape attempt stdout: guest hostname: secure-exec
`,
  "files.ts": `exit code: 0
made: [["Ada","1815"],["Grace","1906"]]
there: lib, names.csv, names.json
missing: ENOENT: no such file or directory, open '/etc/shadow'
`,
  "archive.ts": `stdout: the project runs
refused: malformed
`,
  "persist.ts": `visits: first
visits: first, second
`,
  "snapshot.ts": `in the fork: false
here: true
changed since: [ '/home/user/notes.txt' ]
now: "one\\ntwo\\n"
then: "one\\n"
`,
  "resident.ts": `sum: 42
exit code: 1 ended: false
exit code: 124 ended: true
sum is undefined fresh: true
`,
  "processes.ts": `lines: 4
sum: 1
sum: 3
sum: 42
exit code: 0
ended by: SIGTERM
`,
  "mounts.ts": `sum: 7
EROFS: read-only file system, open '/data/prices.csv'
to do: water the plum
in the machine: 3 lines
now: apple,30
here: apple,30
`,
  "stdin.ts": `Good morning, Ada!
Good morning, Grace!
(no more names)
exit code: 0
`,
  "terminal.ts": `size 60 20
size 100 30
waiting
status 130
exit code: 5
`,
  "timeout.ts": `output: working
exit code: 124
because of: timeout
rejected: nobody waits any more
and then: 42
`,
  "servers.ts": `listens: :: 3000
200 text/plain POST /a, 5 bytes
GET /b?c=d, 0 bytes
GET /, 0 bytes
Nobody listens to port 8080. There are listeners at 3000.
`,
  "typescript.ts": `index.ts:5:18 Argument of type 'string' is not assignable to parameter of type 'number'.
value: 212
`,
  "permissions.ts": `refused: fs read /secret/token fs.rules[0]
refused: fs write /data/prices.csv fs.rules[1]
EACCES: permission denied, open 'shortcut/token'
EACCES: permission denied, open '/data/prices.csv'
2
hello undefined
"permissions.fs.rules[0].operations[0]" must be one of read, write, create, delete, list, stat, chmod, got "mkdir". Did you mean "create"?
`,
  "limits.ts": `memory: 137 memory
disk: 1 true
output: 0 true
[secure-exec: stdout was cut after 1024 bytes; the program went on]
There is no option "limits.memory"; known are ${Object.keys(checkLimits(undefined)).join(", ")}. Did you mean "limits.memoryBytes"?
`,
};

describe("examples print what they should", () => {
  test("each is here", () => {
    expect(readdirSync(join(root, "examples")).sort()).toEqual(Object.keys(examples).sort());
  });
  for (const [name, output] of Object.entries(examples)) {
    test(name, () => expect(run([`examples/${name}`])).toBe(output));
  }
});

describe("README", () => {
  const readme = read("README.md");

  test("the first example prints what stands below it", () => {
    const [, code = "", output = ""] = /```ts\n(.*?)```\n+```\n(.*?)```/s.exec(readme) ?? [];
    expect(run(["--input-type=module-typescript", "--eval", code])).toBe(output);
  });

  test("the table of limits is that of the code", () => {
    const table = readme.slice(readme.indexOf("## Limits"));
    const rows = [...table.matchAll(/^\| `(\w+)` \| [^|]* \| ([^|]*) \|/gm)];
    const limits = checkLimits(undefined);
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(limits));
    const units: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
    for (const [, name, preset = ""] of rows) {
      const [, amount, unit] = /^(\d+)(?: (\w+))?$/.exec(preset.trim()) ?? [];
      if (amount === undefined) continue;
      const value = Number(amount) * (unit === undefined ? 1 : (units[unit] as number));
      expect(limits[name as keyof typeof limits], name).toBe(value);
    }
  });
});

describe("documents", () => {
  const documents = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CHANGELOG.md",
    ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
  ];
  for (const document of documents) {
    test(`the links of ${document} lead somewhere`, () => {
      for (const [, target = ""] of read(document).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
        if (/^https?:/.test(target)) continue;
        expect(existsSync(join(root, dirname(document), target)), target).toBe(true);
      }
    });
  }
});
