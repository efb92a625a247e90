import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { O_CREAT, O_WRONLY } from "../../src/disk/modes.js";
import { buildGuest, type GuestRun, TestMachine } from "./harness.js";

const compiler = "/usr/local/lib/typescript.js";
const cwd = "/home/user";
const ts = { language: "ts", compiler: null };
const decorated = { language: "ts", compiler };
const tsx = { language: "tsx", compiler };

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
  write(compiler, readFileSync(createRequire(import.meta.url).resolve("typescript")));
  for (const name of ["node_modules", "node_modules/react", "legacy"])
    machine.disk.mkdir(`${cwd}/${name}`, 0o755);
  write(`${cwd}/node_modules/react/package.json`, '{ "exports": { "./jsx-runtime": "./runtime.js" } }');
  write(`${cwd}/node_modules/react/runtime.js`, "exports.jsx = (type, props) => ({ type, props })");
});

function write(path: string, content: string | Uint8Array): void {
  const { disk } = machine;
  const bytes = Buffer.from(content);
  const file = disk.open(path, O_WRONLY | O_CREAT, 0o644);
  for (let done = 0; done < bytes.length; ) done += disk.write(file, bytes, done, bytes.length - done, -1);
  disk.close(file);
}

async function run(given: GuestRun) {
  const { stdout, stderr, exitCode } = await machine.run({ cwd, ...given });
  return { stdout, stderr, exitCode };
}

describe("a program in TypeScript", () => {
  it("has its types stripped in place", async () => {
    const code = "interface P { x: number }\nconst p: P = { x: 1 };\nconsole.log(p);\n(null as any).foo;";
    const { stdout, stderr } = await run({ dialect: ts, code });
    expect(stdout).toBe("{ x: 1 }\n");
    expect(stderr).toContain(
      "file:///home/user/[eval1]:4\n(null       ).foo;\n              ^\n\nTypeError: ",
    );
    expect(stderr).toContain("\n    at file:///home/user/[eval1]:4:15\n");
  });

  it("may have enums, namespaces and parameter properties, and stacks show what was written", async () => {
    write(
      `${cwd}/color.ts`,
      "export enum Color { Red = 1, Green }\n\nexport function fail() {\n  throw new Error('here');\n}",
    );
    const code = `import { Color, fail } from "./color.ts";
      namespace N { export const z = 3 }
      class P { constructor(readonly x: number) {} }
      console.log(Color.Green, N.z, new P(4));
      fail();`;
    const { stdout, stderr } = await run({ dialect: ts, code });
    expect(stdout).toBe("2 3 P { x: 4 }\n");
    expect(stderr).toContain("/home/user/color.ts:4\n  throw new Error('here');\n        ^\n\nError: here\n");
    expect(stderr).toContain(
      "    at fail (/home/user/color.ts:4:9)\n    at <anonymous> (/home/user/[eval1]:5:7)\n",
    );
  });

  it("goes by the name that it is given", async () => {
    const code = "enum E { a }\nconsole.log(import.meta.url);\nthrow new Error(E[0]);";
    const { stdout, stderr } = await run({ dialect: ts, code, filePath: "/app/main.ts" });
    expect(stdout).toBe("file:///app/main.ts\n");
    expect(stderr).toContain("/app/main.ts:3\nthrow new Error(E[0]);\n");
    expect(stderr).toContain("    at <anonymous> (/app/main.ts:3:7)\n");
  });

  it("shows the line that can't be read", async () => {
    const { stderr, exitCode } = await run({ dialect: ts, code: "const a = 1;\nconst y: = 4;" });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\[eval\]:2\n|^file:\/\/\/home\/user\/\[eval1\]:2\n/);
    expect(stderr).toContain(
      "\nconst y: = 4;\n         ^\n\nSyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Unexpected token",
    );
  });

  it("can't be in a package, as in Node", async () => {
    write(`${cwd}/node_modules/react/x.ts`, "enum A {}");
    const { stdout } = await run({
      dialect: ts,
      code: `await import("./node_modules/react/x.ts").catch((e: Error) => console.log(e.code))`,
    });
    expect(stdout).toBe("ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING\n");
  });

  it("leaves other programs to Node", async () => {
    write(`${cwd}/enum.ts`, "enum A {}");
    const { stdout } = await run({ code: `await import("./enum.ts").catch((e) => console.log(e.code))` });
    expect(stdout).toBe("ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX\n");
  });
});

describe("with the compiler on the disk", () => {
  const classes = `function d(_: unknown, { name }: ClassDecoratorContext) { console.log("decorated", name) }
@d class A { constructor(readonly x: number) {} }
console.log(new A(1));
throw new Error("here");`;

  it("there are decorators", async () => {
    const { stdout, stderr } = await run({ dialect: decorated, code: classes });
    expect(stdout).toBe("decorated A\nA { x: 1 }\n");
    expect(stderr).toContain('/home/user/[eval1]:4\nthrow new Error("here");\n');
  });

  it("what looks like one and is none is left to Node", async () => {
    const code =
      "/** @type {X} */\nclass A { constructor(private x) {} }\nconsole.log(new A(1));\n(null as any).x";
    const { stdout, stderr } = await run({ dialect: decorated, code });
    expect(stdout).toBe("A { x: 1 }\n");
    expect(stderr).toContain("/home/user/[eval1]:4\n(null as any).x\n");
  });

  it("there is JSX, in the program and in files", async () => {
    write(`${cwd}/item.tsx`, "export const Item = (p: { n: number }) => <li>{p.n}</li>;");
    write(`${cwd}/plain.jsx`, "module.exports = require('./item.tsx').Item({ n: 2 })");
    const code = `import { Item } from "./item.tsx"; const two = require("./plain.jsx");
      console.log(JSON.stringify([<Item n={1 as number} />, Item({ n: 1 }), two]));`;
    const { stdout, stderr } = await run({ dialect: tsx, code });
    expect({ stdout, stderr }).toEqual({
      stdout:
        '[{"props":{"n":1}},{"type":"li","props":{"children":1}},{"type":"li","props":{"children":2}}]\n',
      stderr: "",
    });
  });

  it("the nearest tsconfig.json says what decorators and JSX become", async () => {
    const options = {
      experimentalDecorators: true,
      jsx: "react",
      jsxFactory: "h",
      target: "es5",
      module: "amd",
    };
    write(`${cwd}/legacy/base.json`, JSON.stringify({ compilerOptions: options }));
    write(`${cwd}/legacy/tsconfig.json`, '{ "extends": "./base.json" /* with a comment */ }');
    const code = `const h = (...args: unknown[]) => args.length;
      function d(target: object, key: string) { console.log(typeof target, key) }
      class A { @d m() {} }
      console.log(<p>text</p>, A.toString().slice(0, 7));`;
    const { stdout, stderr } = await run({ dialect: tsx, code, cwd: `${cwd}/legacy` });
    expect({ stdout, stderr }).toEqual({ stdout: "object m\n3 class A\n", stderr: "" });
  });

  it("the line that can't be read is shown", async () => {
    const { stderr } = await run({ dialect: tsx, code: "let x;\nx = <div>;" });
    expect(stderr).toContain(
      "\nx = <div>;\n     ^^^\n\nSyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: JSX element 'div'",
    );
  });

  it("a compiler that is gone is named", async () => {
    const { stderr, exitCode } = await run({
      dialect: { language: "tsx", compiler: "/gone.js" },
      code: "<a/>",
    });
    expect(stderr).toContain(
      "SyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: The TypeScript compiler is gone from /gone.js\n",
    );
    expect(exitCode).toBe(1);
  });

  it("stacks stay as long as Node has them", async () => {
    const { stdout } = await run({
      dialect: tsx,
      code: "console.log(Error.stackTraceLimit, process.getActiveResourcesInfo())",
    });
    expect(stdout).toBe("10 []\n");
  });
});
