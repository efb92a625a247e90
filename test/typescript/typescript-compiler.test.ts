import { NodeRuntime } from "secure-exec";
import { CompilerStoppedError, TypeScriptCompiler } from "secure-exec/typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const text = (value: object) => JSON.stringify(value);
const assignment = "Type 'string' is not assignable to type 'number'.";

/** Idle computers take a tenth of it. */
const patience = { timeout: 240_000 };
const slow = 300_000;

let rt: NodeRuntime;
let compiler: TypeScriptCompiler;
beforeAll(async () => {
  const compilerOptions = {
    outDir: "dist",
    module: "nodenext",
    target: "es2023",
    types: ["node"],
    lib: ["es2023"],
    skipLibCheck: true,
  };
  rt = await NodeRuntime.create({
    limits: { memoryBytes: 2 ** 30, machineMemoryBytes: 2 * 2 ** 30 },
    files: {
      "/home/user/shape.ts": "export interface Shape { sides: number }",
      "/app/package.json": text({ type: "module" }),
      "/app/base.json": text({ compilerOptions: { ...compilerOptions, declaration: true } }),
      "/app/tsconfig.json": `{ "extends": "./base.json", /* all of it */ "include": ["src"], "compilerOptions": { "rootDir": "src" } }`,
      "/app/src/main.ts":
        "import { cpus } from 'node:os';\nimport { half } from './half.js';\nconsole.log(half(cpus().length * 0 + 8));",
      "/app/src/half.ts": "export const half = (n: number) => n / 2;",
      "/cyclic/tsconfig.json": text({ extends: "./other.json" }),
      "/cyclic/other.json": text({ extends: "./tsconfig.json", files: [] }),
    },
  });
  compiler = await TypeScriptCompiler.create({ runtime: rt });
}, slow);
afterAll(async () => {
  await compiler.dispose();
  await rt.dispose();
});

describe("check()", () => {
  test(
    "finds what is wrong, and where",
    async () => {
      const result = await compiler.check('const a = 1;\nconst n: number = "one";', patience);
      expect(result).toEqual({
        success: false,
        diagnostics: [
          { file: "index.ts", line: 2, column: 7, code: 2322, category: "error", message: assignment },
        ],
        omitted: 0,
      });
    },
    slow,
  );

  test(
    "knows Node, what the guest has besides, and the disk",
    async () => {
      const source = `import { readFileSync } from "node:fs";
      import type { Shape } from "./shape.ts";
      enum Color { Red }
      const shape: Shape = { sides: readFileSync("x").length };
      const path: typeof import("node:path") = require("node:path");
      __return([shape, Color.Red, path.sep, await fetch("http://localhost"), new URL(import.meta.url)]);`;
      expect(await compiler.check(source, patience)).toEqual({ success: true, diagnostics: [], omitted: 0 });
      const wrong = await compiler.check("__return(1, 2);", patience);
      expect(wrong.diagnostics).toMatchObject([{ code: 2554, line: 1, column: 13 }]);
    },
    slow,
  );

  test(
    "takes several files, with settings of their own",
    async () => {
      const files = {
        "a.ts": "import { b } from './b.js'; export const n: number = b;",
        "b.ts": "export const b = null;",
      };
      const both = async (tsconfig: string | Record<string, unknown>) =>
        (
          await compiler.check(
            {
              files: {
                ...files,
                "tsconfig.json": text({ files: ["a.ts"], compilerOptions: { strct: true } }),
              },
              tsconfig,
            },
            patience,
          )
        ).diagnostics;
      expect(await both({ compilerOptions: { strict: false, lib: ["es2023"] } })).toEqual([]);
      expect(await both({ compilerOptions: { strict: true, lib: ["es2023"] } })).toMatchObject([
        { file: "a.ts", code: 2322 },
      ]);
      expect((await both("tsconfig.json"))[0]).toMatchObject({
        file: "tsconfig.json",
        message: "Unknown compiler option 'strct'. Did you mean 'strict'?",
      });
    },
    slow,
  );

  test(
    "tells of what can't be read",
    async () => {
      const { diagnostics } = await compiler.check("const a: = 1;", patience);
      expect(diagnostics).toMatchObject([
        { line: 1, column: 10, category: "error", message: "Type expected." },
      ]);
    },
    slow,
  );

  test(
    "bounds what it tells",
    async () => {
      const { diagnostics, omitted } = await compiler.check(
        "const n: number = '';\n".repeat(1).concat("n.x;\n".repeat(1500)),
        patience,
      );
      expect(diagnostics).toHaveLength(1000);
      expect(omitted).toBe(501);
    },
    slow,
  );
});

describe("compileSource()", () => {
  test(
    "makes JavaScript, a map and declarations",
    async () => {
      const options = {
        ...patience,
        fileName: "x.mts",
        compilerOptions: { sourceMap: true, declaration: true },
      };
      const result = await compiler.compileSource("import './y.ts'; export enum A { a }", options);
      expect(result.code).toContain('import "./y.js";\nexport var A;');
      expect(JSON.parse(result.map as string)).toMatchObject({ sources: ["x.mts"] });
      expect(result.declaration).toContain("export declare enum A");
      expect(result).toMatchObject({ success: false, diagnostics: [{ file: "x.mts", code: 2882 }] });
    },
    slow,
  );
});

describe("projects on the disk", () => {
  test(
    "are checked and compiled, and what comes out runs",
    async () => {
      expect(await compiler.checkProject("/app", patience)).toEqual({
        success: true,
        diagnostics: [],
        omitted: 0,
      });
      expect(await rt.exists("/app/dist")).toBe(false);
      const { success, files } = await compiler.compileProject("/app/tsconfig.json", patience);
      expect({ success, paths: files.map(({ path }) => path).sort() }).toEqual({
        success: true,
        paths: ["/app/dist/half.d.ts", "/app/dist/half.js", "/app/dist/main.d.ts", "/app/dist/main.js"],
      });
      expect((await rt.exec("await import('/app/dist/main.js')")).stdout).toBe("4\n");
    },
    slow,
  );

  test(
    "output may be left in the result",
    async () => {
      await rt.rm("/app/dist", { recursive: true, force: true });
      const { files } = await compiler.compileProject("/app", { ...patience, write: false });
      expect(files).toHaveLength(4);
      expect(await rt.exists("/app/dist")).toBe(false);
    },
    slow,
  );

  test(
    "settings that aren't there, or lead to themselves, are named",
    async () => {
      expect(await compiler.checkProject("/none/tsconfig.json", patience)).toMatchObject({
        success: false,
        diagnostics: [{ code: 5083, message: "Cannot read file '/none/tsconfig.json'." }],
      });
      const { diagnostics } = await compiler.checkProject("/cyclic", patience);
      expect(diagnostics[0]).toMatchObject({
        code: 18000,
        message:
          "Circularity detected while resolving configuration: /cyclic/tsconfig.json -> /cyclic/other.json -> /cyclic/tsconfig.json",
      });
    },
    slow,
  );
});

describe("the compiler's process", () => {
  test(
    "is ended by a timeout and a signal, and replaced",
    async () => {
      const error = await compiler.check("1", { timeout: 1 }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(CompilerStoppedError);
      expect(error).toMatchObject({
        reason: "timeout",
        message: "The TypeScript compiler took longer than 1 ms.",
      });
      const controller = new AbortController();
      const reason = new Error("no longer wanted");
      const first = compiler.check("1", { ...patience, signal: controller.signal });
      const second = compiler.check("1", { ...patience, signal: controller.signal });
      const third = compiler.check("1", patience);
      controller.abort(reason);
      const rejected = { status: "rejected", reason };
      expect(await Promise.allSettled([first, second])).toEqual([rejected, rejected]);
      expect(await third).toMatchObject({ success: true });
    },
    slow,
  );

  test(
    "is replaced when its machine dies",
    async () => {
      await rt.exec("process.abort()").catch(() => undefined);
      await rt.run("'ab'.repeat(1e8).split('')").catch(() => undefined);
      expect(await compiler.check("1", patience)).toMatchObject({ success: true });
    },
    slow,
  );

  test(
    "ends with the compiler",
    async () => {
      const other = await TypeScriptCompiler.create({ runtime: rt });
      const pending = other.check("1", patience);
      const rejected = expect(pending).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
      await other.dispose();
      await rejected;
      await expect(other.check("1")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    },
    slow,
  );

  test(
    "says when its memory is too small",
    async () => {
      await using small = await NodeRuntime.create({ limits: { memoryBytes: 32 * 2 ** 20 } });
      await using poor = await TypeScriptCompiler.create({ runtime: small });
      await expect(poor.check("1", patience)).rejects.toMatchObject({
        reason: "memory",
        message: expect.stringContaining("limits.memoryBytes"),
      });
    },
    slow,
  );
});

test("options that can't be used are refused", async () => {
  const create = (options: unknown) => TypeScriptCompiler.create(options as never);
  await expect(create({ runTime: rt })).rejects.toMatchObject({ key: "runTime", nearest: "runtime" });
  await expect(create({ runtime: {} })).rejects.toMatchObject({ key: "runtime" });
  await expect(create({ runtime: rt, limits: {} })).rejects.toMatchObject({ key: "limits" });
});
