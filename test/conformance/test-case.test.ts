import { expect, test } from "vitest";
import { withoutStorage } from "../../conformance/suite.ts";
import { expectationOf, moduleOf, parseList, readTestCase } from "../../conformance/test-case.ts";

test("a test says which flags and variables it needs, in its first line of each kind", () => {
  const source = `// Flags: --expose-gc  --no-warnings
    // Env: A=1 B=x=y NOTHING
    // Flags: --later`;
  expect(readTestCase("parallel/test-fs-cp-sync.mjs", source)).toEqual({
    path: "parallel/test-fs-cp-sync.mjs",
    name: "test-fs-cp-sync.mjs",
    module: "fs",
    flags: ["--expose-gc", "--no-warnings"],
    env: { A: "1", B: "x=y" },
    needs: [],
  });
  expect(readTestCase("parallel/test-x.js", "'use strict';")).toMatchObject({ flags: [], env: {} });
});

test("modules are the first word of a name", () => {
  expect(moduleOf("test-http2-binding.js")).toBe("http2");
  expect(moduleOf("test-path.js")).toBe("path");
  expect(moduleOf("test-.js")).toBe("other");
});

test("lists have a name a line, and comments", () => {
  expect(parseList("# all\ntest-a.js\n\n test-b.js # why\n")).toEqual(["test-a.js", "test-b.js"]);
});

test("canaries say how they have to end", () => {
  expect(expectationOf("// Flags: --x\n// Expect: fail|crash\n")).toEqual(["fail", "crash"]);
  expect(expectationOf("nothing")).toEqual([]);
});

test("the suite's common module no longer reads storage globals", () => {
  const source = `[
 'Storage',
 'localStorage',
 'sessionStorage',
].forEach(() => {});
    for (const val in globalThis) {
      leaked.push(globalThis[val]);
    }
`;
  expect(withoutStorage(source)).toBe(`[
 'Storage',
].forEach(() => {});
    for (const val in globalThis) {
    if (val === 'localStorage' || val === 'sessionStorage') continue;
      leaked.push(globalThis[val]);
    }
`);
});
