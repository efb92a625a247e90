import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../src/errors/invalid-option-error.js";
import { checkProjectJob, checkSources } from "../../src/typescript/jobs.js";

function refusal(make: () => unknown): InvalidOptionError {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return error as InvalidOptionError;
  }
  throw new Error("not refused");
}

describe("sources", () => {
  test("one has a name and settings", () => {
    const { job, directory, patience } = checkSources("1", undefined, "nowhere");
    expect(job).toMatchObject({ files: { "/home/user/index.ts": "1" }, modules: true, emit: "nowhere" });
    expect(job.config).toMatchObject({
      directory: "/home/user",
      content: { files: ["/home/user/index.ts"], compilerOptions: { strict: true, types: ["node"] } },
    });
    expect({ directory, patience }).toEqual({
      directory: "/home/user",
      patience: { timeout: 60_000, signal: undefined },
    });
  });

  test("several lie below the directory, or where their paths say", () => {
    const { job } = checkSources(
      { files: { "a.ts": "", "./b/../c.tsx": "", "/d.json": "" }, tsconfig: { compilerOptions: {} } },
      { cwd: "/app" },
      "answer",
    );
    expect(job.files).toEqual({ "/app/a.ts": "", "/app/c.tsx": "", "/d.json": "" });
    expect(job.config).toEqual({
      directory: "/app",
      content: { compilerOptions: {}, files: ["/app/a.ts", "/app/c.tsx"] },
    });
    expect(job.modules).toBe(false);
  });

  test("settings may be in a file", () => {
    const { job } = checkSources({ files: { "a.ts": "" }, tsconfig: "tsconfig.json" }, undefined, "nowhere");
    expect(job.config).toEqual({ path: "/home/user/tsconfig.json" });
  });

  test.each([
    [1, undefined, "program"],
    [{ files: {} }, undefined, "program.files"],
    [{ files: { "a.ts": 1 } }, undefined, 'program.files["a.ts"]'],
    [{ files: { "a.ts": "" }, tsConfig: {} }, undefined, "program.tsConfig"],
    [{ files: { "a.ts": "" }, tsconfig: 1 }, undefined, "program.tsconfig"],
    [{ files: { "a.ts": "" }, tsconfig: {} }, { compilerOptions: {} }, "compilerOptions"],
    [{ files: { "a.ts": "" } }, { fileName: "a.ts" }, "fileName"],
    ["", { fileName: "a.js" }, "fileName"],
    ["", { cwd: "app" }, "cwd"],
    ["", { compilerOptions: [] }, "compilerOptions"],
    ["", { timeout: 0 }, "timeout"],
    ["", { signal: {} }, "signal"],
    ["", { compileOptions: {} }, "compileOptions"],
  ])("%j with %j is refused", (program, options, key) => {
    expect(refusal(() => checkSources(program, options, "nowhere")).key).toBe(key);
  });

  test("unknown names are refused with the nearest", () => {
    expect(refusal(() => checkSources("", { filename: "a.ts" }, "nowhere")).nearest).toBe("fileName");
  });

  test("are bounded", () => {
    const half = "x".repeat(17 * 2 ** 20);
    expect(refusal(() => checkSources({ files: { "a.ts": half, "b.ts": half } }, {}, "nowhere")).key).toBe(
      "program.files",
    );
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}.ts`, ""]));
    expect(refusal(() => checkSources({ files: many }, {}, "nowhere")).key).toBe("program.files");
  });
});

describe("a project", () => {
  test("is a path, and may be written", () => {
    expect(checkProjectJob("/app/", undefined, false).job).toMatchObject({
      config: { path: "/app" },
      emit: "nowhere",
    });
    expect(checkProjectJob("/app", {}, true).job.emit).toBe("disk");
    expect(checkProjectJob("/app", { write: false }, true).job.emit).toBe("answer");
  });

  test("what it can't use is refused", () => {
    expect(refusal(() => checkProjectJob("app", {}, false)).key).toBe("path");
    expect(refusal(() => checkProjectJob("/app", { write: true }, false)).key).toBe("write");
    expect(refusal(() => checkProjectJob("/app", { write: 1 }, true)).key).toBe("write");
  });
});
