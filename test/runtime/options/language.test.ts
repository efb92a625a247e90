import { describe, expect, test } from "vitest";
import { checkDialect } from "../../../src/runtime/options/language.js";
import { COMPILER } from "../../../src/runtime/typescript/compiler-on-disk.js";

describe("the language of a call", () => {
  test("is JavaScript unless something says otherwise", () => {
    expect(checkDialect(undefined, "", null)).toBeUndefined();
    expect(checkDialect(undefined, "", "/a.mjs")).toBeUndefined();
    expect(checkDialect("js", "", "/a.ts")).toBeUndefined();
  });

  test("is what the extension of its file says", () => {
    for (const name of ["/a.ts", "/a.mts", "/a.cts"])
      expect(checkDialect(undefined, "", name)).toEqual({ language: "ts", compiler: null });
    expect(checkDialect(undefined, "", "/a.tsx")).toEqual({ language: "tsx", compiler: COMPILER });
    expect(checkDialect(undefined, "", "/a.jsx")).toEqual({ language: "jsx", compiler: COMPILER });
    expect(checkDialect("ts", "", "/a.js")).toEqual({ language: "ts", compiler: null });
  });

  test("takes the compiler for what may be a decorator", () => {
    for (const code of [
      "@d class A {}",
      "class A {\n  @d() m() {} }",
      "class A { m(@d x) {} }",
      "class A {@(d()) x}",
    ])
      expect(checkDialect("ts", code, null)).toEqual({ language: "ts", compiler: COMPILER });
    for (const code of ["import x from '@scope/x'; class A {}", "// @d", "const mail = 'a@b.c'; class A {}"])
      expect(checkDialect("ts", code, null)).toEqual({ language: "ts", compiler: null });
  });

  test("is one of four", () => {
    for (const value of ["typescript", "TS", "", 1, null])
      expect(() => checkDialect(value, "", null)).toThrow(
        expect.objectContaining({ code: "ERR_SECURE_EXEC_INVALID_OPTION", key: "language" }),
      );
  });

  test("is looked for in no more time than the code takes to read", () => {
    const code = `class ${" @".repeat(1 << 20)}`;
    const begun = process.cpuUsage().user;
    checkDialect("ts", code, null);
    expect(process.cpuUsage().user - begun).toBeLessThan(2_000_000);
  });
});
