import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../../src/errors/invalid-option-error.js";
import { defaultPermissions } from "../../../src/policy/compiled.js";
import { findRulesWithoutEffect } from "../../../src/policy/without-effect.js";
import { checkPermissions } from "../../../src/runtime/options/permissions.js";

function refusal(permissions: unknown): InvalidOptionError {
  try {
    checkPermissions(permissions);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return error as InvalidOptionError;
  }
  throw new Error("not refused");
}

describe("what is given", () => {
  test("merges over the defaults, scope by scope", () => {
    expect(defaultPermissions).toEqual({
      fs: "allow",
      network: "deny",
      childProcess: "allow",
      process: "allow",
      env: "allow",
      tool: "allow",
    });
    expect(checkPermissions(undefined)).toEqual(defaultPermissions);
    expect(checkPermissions({})).toEqual(defaultPermissions);
    expect(checkPermissions({ network: "allow" })).toEqual({ ...defaultPermissions, network: "allow" });
    expect(checkPermissions({ fs: undefined, tool: "deny" })).toEqual({
      ...defaultPermissions,
      tool: "deny",
    });
    const { fs, ...rest } = checkPermissions({ fs: { rules: [{ mode: "allow", paths: ["/home/user"] }] } });
    expect(fs).toMatchObject({ default: "deny", rules: [{ mode: "allow" }] });
    expect({ fs: "allow", ...rest }).toEqual(defaultPermissions);
  });

  test("crosses the wire as it is", () => {
    const permissions = checkPermissions({
      fs: { rules: [{ mode: "deny", operations: ["read"], paths: ["/a/[!b]/**/c?{d,e}*"] }] },
      network: { rules: [{ mode: "allow", patterns: ["*.a.example:1-9", "10.0.0.0/8"] }] },
      childProcess: { rules: [{ mode: "allow", patterns: ["git", "/bin/*"] }] },
    });
    expect(JSON.parse(JSON.stringify(permissions))).toEqual(permissions);
  });
});

describe("refused", () => {
  test.each<[unknown, string, string | undefined]>([
    ["allow", "permissions", undefined],
    [{ filesystem: "allow" }, "permissions.filesystem", undefined],
    [{ netwrok: "allow" }, "permissions.netwrok", "permissions.network"],
    [{ childprocess: "allow" }, "permissions.childprocess", "permissions.childProcess"],
    [{ fs: "alow" }, "permissions.fs", undefined],
    [{ fs: true }, "permissions.fs", undefined],
    [{ fs: {} }, "permissions.fs.rules", undefined],
    [{ fs: { rules: {} } }, "permissions.fs.rules", undefined],
    [{ fs: { rule: [] } }, "permissions.fs.rule", "permissions.fs.rules"],
    [{ fs: { defualt: "allow", rules: [] } }, "permissions.fs.defualt", "permissions.fs.default"],
    [{ fs: { default: "no", rules: [] } }, "permissions.fs.default", undefined],
    [{ fs: { rules: [undefined] } }, "permissions.fs.rules[0]", undefined],
    [{ fs: { rules: [null] } }, "permissions.fs.rules[0]", undefined],
    [{ fs: { rules: [{}] } }, "permissions.fs.rules[0].mode", undefined],
    [
      { fs: { rules: [{ mode: "allow", patterns: [] }] } },
      "permissions.fs.rules[0].patterns",
      "permissions.fs.rules[0].paths",
    ],
    [
      { fs: { rules: [{ mode: "allow", path: [] }] } },
      "permissions.fs.rules[0].path",
      "permissions.fs.rules[0].paths",
    ],
    [{ env: { rules: [{ mode: "deny", paths: [] }] } }, "permissions.env.rules[0].paths", undefined],
    [
      { process: { rules: [{ mode: "deny", patterns: [] }] } },
      "permissions.process.rules[0].patterns",
      undefined,
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: "read" }] } },
      "permissions.fs.rules[0].operations",
      undefined,
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: ["raed"] }] } },
      "permissions.fs.rules[0].operations[0]",
      "read",
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: ["mkdir"] }] } },
      "permissions.fs.rules[0].operations[0]",
      "create",
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: ["unlink"] }] } },
      "permissions.fs.rules[0].operations[0]",
      "delete",
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: ["*"] }] } },
      "permissions.fs.rules[0].operations[0]",
      undefined,
    ],
    [
      { fs: { rules: [{ mode: "deny", operations: [1] }] } },
      "permissions.fs.rules[0].operations[0]",
      undefined,
    ],
    [
      { network: { rules: [{ mode: "deny", operations: ["fetch"] }] } },
      "permissions.network.rules[0].operations[0]",
      "connect",
    ],
    [{ fs: { rules: [{ mode: "deny", paths: "/a" }] } }, "permissions.fs.rules[0].paths", undefined],
    [{ fs: { rules: [{ mode: "deny", paths: ["/a["] }] } }, "permissions.fs.rules[0].paths[0]", undefined],
    [{ fs: { rules: [{ mode: "deny", paths: ["/a", 1] }] } }, "permissions.fs.rules[0].paths[1]", undefined],
    [{ fs: { rules: Array(257).fill({ mode: "deny" }) } }, "permissions.fs.rules", undefined],
    [
      { fs: { rules: [{ mode: "deny", paths: Array(64).fill(`/${"a".repeat(400)}`) }] } },
      "permissions.fs.rules[0].paths[40]",
      undefined,
    ],
    [
      { env: { rules: [{ mode: "deny", patterns: ["{A"] }] } },
      "permissions.env.rules[0].patterns[0]",
      undefined,
    ],
  ])("%j", (permissions, key, nearest) => {
    const error = refusal(permissions);
    expect(error.key).toBe(key);
    expect(error.nearest).toBe(nearest);
  });

  test.each([
    "",
    "ftp://example.com",
    "GET example.com/a",
    "example.com/a",
    "api-*.example.com",
    "*.*.example.com",
    "*example.com",
    "exa mple.com",
    "-a.example",
    "example.com:0",
    "example.com:65536",
    "example.com:9-1",
    "example.com:80,443",
    "example.com:",
    "1.2.3",
    "1.2.3.4.5",
    "10.0.0.0/33",
    "[::1",
    "[1.2.3.4]",
    "[::1]/129",
    "a..b",
    `${"a".repeat(64)}.example`,
    "a\0b",
  ])("the host pattern %j", (pattern) => {
    const error = refusal({ network: { rules: [{ mode: "allow", patterns: [pattern] }] } });
    expect(error.key).toBe("permissions.network.rules[0].patterns[0]");
  });
});

test.each<[string, unknown, string[]]>([
  [
    "nothing wrong",
    {
      fs: {
        rules: [
          { mode: "deny", paths: ["/a/b"] },
          { mode: "allow", paths: ["/a"] },
        ],
      },
    },
    [],
  ],
  [
    "the order is wrong",
    {
      fs: {
        rules: [
          { mode: "allow", paths: ["/a"] },
          { mode: "deny", paths: ["/a/b", "/a/*.txt"] },
        ],
      },
    },
    ["fs.rules[1] never decides: fs.rules[0] before it decides all that it is about, and not in its way"],
  ],
  [
    "two rules before it share the operations",
    {
      fs: {
        rules: [
          { mode: "deny", operations: ["read"], paths: ["/a"] },
          { mode: "deny", operations: ["write"] },
          { mode: "deny", operations: ["read", "write"], paths: ["/a/b"] },
        ],
      },
    },
    ["fs.rules[2] never decides: fs.rules[0] and fs.rules[1] before it decide all that it is about"],
  ],
  [
    "a path that is not absolute",
    {
      fs: {
        rules: [
          { mode: "deny", paths: ["secret/**", "./x"] },
          { mode: "deny", paths: ["/a/../b", "/c"] },
        ],
      },
    },
    [
      "fs.rules[0] never decides: none of its patterns can match an absolute path",
      "fs.rules[1] has patterns that can match no absolute path",
    ],
  ],
  [
    "empty lists",
    {
      env: {
        rules: [
          { mode: "deny", patterns: [] },
          { mode: "deny", operations: [] },
        ],
      },
    },
    [
      "env.rules[0] never decides: it has an empty list of patterns",
      "env.rules[1] never decides: it names no operation",
    ],
  ],
  [
    "names, programs, hosts",
    {
      env: {
        rules: [
          { mode: "deny", patterns: ["A*"] },
          { mode: "allow", patterns: ["AB"] },
        ],
      },
      tool: { rules: [{ mode: "deny" }, { mode: "allow", patterns: ["a"] }] },
      childProcess: {
        rules: [
          { mode: "deny", patterns: ["/bin"] },
          { mode: "deny", patterns: ["/bin/sh"] },
        ],
      },
      network: {
        rules: [
          { mode: "allow", patterns: ["*.a.example", "10.0.0.0/8:80-90"] },
          { mode: "deny", patterns: ["b.a.example:1", "*.c.a.example", "10.1.0.0/16:80"] },
          { mode: "deny", patterns: ["10.1.0.0/16"] },
        ],
      },
      process: { rules: [{ mode: "deny" }, { mode: "allow", operations: ["umask"] }] },
    },
    [
      "network.rules[1] never decides: network.rules[0] before it decides all that it is about, and not in its way",
      "childProcess.rules[1] never decides: childProcess.rules[0] before it decides all that it is about",
      "process.rules[1] never decides: process.rules[0] before it decides all that it is about, and not in its way",
      "env.rules[1] never decides: env.rules[0] before it decides all that it is about, and not in its way",
      "tool.rules[1] never decides: tool.rules[0] before it decides all that it is about, and not in its way",
    ],
  ],
])("rules without effect: %s", (_, permissions, sentences) => {
  expect(findRulesWithoutEffect(checkPermissions(permissions))).toEqual(sentences);
});
