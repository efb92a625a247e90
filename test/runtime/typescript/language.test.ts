import { type CallOptions, NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({
    // The compiler is the system's to read, whatever programs may.
    permissions: { fs: { default: "deny", rules: [{ mode: "allow", paths: ["/home/user"] }] } },
    files: {
      "/home/user/shape.ts": "export enum Shape { Round = 'round' }",
      "/home/user/worker.ts":
        "import { parentPort } from 'node:worker_threads'; enum A { a = 5 } parentPort!.postMessage(A.a as number);",
      "/home/user/node_modules/react/package.json": '{ "exports": { "./jsx-runtime": "./runtime.js" } }',
      "/home/user/node_modules/react/runtime.js": "exports.jsx = (type, props) => [type, props.children];",
    },
  });
});
afterAll(() => rt.dispose());

async function run(code: string, options: CallOptions) {
  const { value, stderr } = await rt.run(code, options);
  return { value, stderr };
}

describe("code of a call", () => {
  test("may be TypeScript", async () => {
    const code = `import { Shape } from "./shape.ts"; __return([Shape.Round as string, new URL(import.meta.url).pathname]);`;
    expect(await run(code, { language: "ts" })).toEqual({
      value: ["round", "/home/user/[eval1]"],
      stderr: "",
    });
    expect(await run(code, { filePath: "/home/user/main.ts" })).toEqual({
      value: ["round", "/home/user/main.ts"],
      stderr: "",
    });
  });

  test("may have decorators and JSX, with the compiler that the host has", async () => {
    const jsx = "__return(<p>{1 as number}</p>)";
    expect(await run(jsx, { language: "tsx" })).toEqual({ value: ["p", 1], stderr: "" });
    expect(await run("__return(<p>{2}</p>)", { language: "jsx" })).toEqual({ value: ["p", 2], stderr: "" });
    const decorators = `const names: unknown[] = [];
      function d(_: unknown, context: ClassMethodDecoratorContext) { names.push(context.name) }
      class A { @d m() {} }
      __return(names);`;
    expect(await run(decorators, { language: "ts" })).toEqual({ value: ["m"], stderr: "" });
  });

  test("is treated alike in its threads", async () => {
    const code = `import { Worker } from "node:worker_threads";
      new Worker(new URL("./worker.ts", import.meta.url)).on("message", (m: number) => __return(m));`;
    expect(await run(code, { language: "ts" })).toEqual({ value: 5, stderr: "" });
  });

  test("is plain Node's where no language is named", async () => {
    const { exitCode, stderr } = await rt.exec("const x: number = 1");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("SyntaxError: Missing initializer in const declaration");
  });
});

describe("a resident runner", () => {
  test("takes snippets in its language", async () => {
    await using runner = rt.createResidentRunner({ language: "tsx" });
    await runner.exec(
      `import { Shape } from "./shape.ts"; (globalThis as any).shape = Shape.Round as string;`,
    );
    expect(
      await runner.run("enum E { a = 4 }\n__return([E.a, (globalThis as any).shape, <p>{1}</p>])"),
    ).toMatchObject({
      value: [4, "round", ["p", 1]],
      stderr: "",
    });
    expect(await runner.exec("const x: = 1")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("const x: = 1\n         ^\n"),
      ended: false,
    });
    expect(await runner.run("__return(1 as number)", { timeout: 60_000 })).toMatchObject({
      value: 1,
      fresh: false,
    });
  });

  test("refuses a language that there isn't", () => {
    expect(() => rt.createResidentRunner({ language: "typescript" as never })).toThrow(/"language" must be/);
  });
});

test("spawn() takes a language too", async () => {
  await using process = await rt.spawn("enum A { a = 3 }; console.log(A.a as number)", { language: "ts" });
  let output = "";
  for await (const text of process.stdout) output += text;
  expect(output).toBe("3\n");
});
