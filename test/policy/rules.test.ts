import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompiledRules } from "../../src/policy/compiled.js";
import type { PathPattern } from "../../src/policy/glob/match.js";
import { decideProcess, decideProgram, decideTool, decideVariable } from "../../src/policy/names.js";
import { NetworkRules, type NetworkTarget } from "../../src/policy/network.js";
import {
  allOperations,
  type FsOperation,
  type NetworkOperation,
  operationBit,
} from "../../src/policy/operations.js";
import { LEADS, PathRules } from "../../src/policy/path-rules.js";
import type { FsRule, NetworkRule, PermissionMode } from "../../src/policy/permissions.js";
import { checkPermissions } from "../../src/runtime/options/permissions.js";

function pathRules(rules: FsRule[], mode: PermissionMode = "deny"): PathRules {
  return new PathRules(checkPermissions({ fs: { default: mode, rules } }).fs as CompiledRules<PathPattern>);
}

const bit = (operation: FsOperation): number => operationBit("fs", operation);

describe("fs", () => {
  test("the first rule about operation and path decides, else the default", () => {
    const rules = pathRules([
      { mode: "deny", operations: ["write"], paths: ["/data/fixed"] },
      { mode: "allow", paths: ["/data"] },
      { mode: "allow", operations: ["read", "list"], paths: ["/etc"] },
    ]);
    const all = allOperations("fs");
    expect(rules.allowed("/data/a")).toBe(all);
    expect(rules.allowed("/data/fixed/a")).toBe(all & ~bit("write"));
    expect(rules.allowed("/etc/hosts")).toBe(bit("read") | bit("list") | LEADS);
    expect(rules.allowed("/")).toBe(LEADS);
    expect(rules.allowed("/usr")).toBe(0);
    expect(rules.ruleFor("/data/fixed/a", bit("write"))).toBe(0);
    expect(rules.ruleFor("/data/fixed/a", bit("read"))).toBe(1);
    expect(rules.ruleFor("/etc/hosts", bit("write"))).toBe(-1);
  });

  test("what leads to an allowed path can be asked about, unless a rule says otherwise", () => {
    const rules = pathRules([
      { mode: "deny", paths: ["/home/other"] },
      { mode: "allow", paths: ["/home/user/app", "/home/other/app"] },
    ]);
    expect(rules.allowed("/home/user")).toBe(LEADS);
    expect(rules.allowed("/home/other")).toBe(0);
    expect(rules.allowed("/home/user/application")).toBe(0);
  });

  test.each<[string, FsRule[], PermissionMode, string, string, FsOperation | null]>([
    ["both free", [{ mode: "allow", paths: ["/home"] }], "deny", "/home/a", "/home/b", null],
    ["out of a denied tree", [{ mode: "deny", paths: ["/s/x"] }], "allow", "/s", "/t", "read"],
    ["into a denied tree", [{ mode: "deny", paths: ["/t/x"] }], "allow", "/s", "/t", null],
    ["denied by name, on both sides", [{ mode: "deny", paths: ["**/.env"] }], "allow", "/a", "/b", null],
    ["onto a denied name", [{ mode: "deny", paths: ["**/.env"] }], "allow", "/a", "/.env", null],
    ["from a denied name", [{ mode: "deny", paths: ["**/.env"] }], "allow", "/.env", "/a", "read"],
    ["denied by name in one place", [{ mode: "deny", paths: ["/a/**/.env"] }], "allow", "/a/x", "/a/y", null],
    ["out of that place", [{ mode: "deny", paths: ["/a/**/.env"] }], "allow", "/a/x", "/b", "read"],
    [
      "children alone",
      [{ mode: "deny", operations: ["delete"], paths: ["/keep/*"] }],
      "allow",
      "/keep",
      "/k",
      "delete",
    ],
    ["into what is allowed", [{ mode: "allow", paths: ["/pub"] }], "deny", "/home/x", "/pub/x", "read"],
    [
      "a rule that comes too late",
      [
        { mode: "allow", paths: ["/"] },
        { mode: "deny", paths: ["/s"] },
      ],
      "deny",
      "/s",
      "/t",
      null,
    ],
  ])("a tree wins rights by moving: %s", (_, rules, mode, from, to, won) => {
    expect(pathRules(rules, mode).wonByMoving(from, to)).toBe(won === null ? 0 : bit(won));
  });

  test("a tree never wins what a file in it doesn't win", () => {
    const name = fc.constantFrom("a", "b", "c");
    const path = (most: number) =>
      fc.array(name, { minLength: 1, maxLength: most }).map((names) => `/${names.join("/")}`);
    const glob = fc
      .array(fc.constantFrom("a", "b", "c", "*", "**"), { minLength: 1, maxLength: 4 })
      .map((names) => `/${names.join("/")}`);
    const mode = fc.constantFrom<PermissionMode>("allow", "deny");
    const rule = fc.record({ mode, paths: fc.array(glob, { minLength: 1, maxLength: 2 }) });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        mode,
        path(2),
        path(2),
        path(3),
        (rules, rest, from, to, below) => {
          const judge = pathRules(rules, rest);
          if (judge.wonByMoving(from, to) !== 0) return;
          const all = allOperations("fs");
          for (const inner of ["", below]) {
            expect(judge.allowed(to + inner) & all & ~judge.allowed(from + inner)).toBe(0);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("network", () => {
  function decide(
    rules: NetworkRule[],
    operation: NetworkOperation,
    target: NetworkTarget,
    mode?: PermissionMode,
  ): boolean {
    return new NetworkRules(checkPermissions({ network: { default: mode, rules } }).network).decide(
      operation,
      target,
    ).allowed;
  }

  test.each<[string, NetworkTarget, boolean]>([
    ["*", { host: "example.com", port: 1 }, true],
    ["*:443", { host: "example.com", port: 443 }, true],
    ["*:443", { host: "example.com", port: 80 }, false],
    ["*:443", { host: "example.com" }, false],
    ["example.com", { host: "EXAMPLE.com.", port: 1 }, true],
    ["Example.COM.", { host: "example.com" }, true],
    ["example.com", { host: "a.example.com" }, false],
    ["*.example.com", { host: "a.b.example.com" }, true],
    ["*.example.com", { host: "example.com" }, false],
    ["*.example.com", { host: "evilexample.com" }, false],
    ["example.com:8000-8999", { host: "example.com", port: 8500 }, true],
    ["example.com:8000-8999", { host: "example.com", port: 9000 }, false],
    ["bücher.example", { host: "xn--bcher-kva.example" }, true],
    ["10.0.0.0/8", { host: "db.internal", address: "10.1.2.3", port: 5432 }, true],
    ["10.0.0.0/8", { host: "10.1.2.3" }, true],
    ["10.0.0.0/8", { address: "11.1.2.3" }, false],
    ["10.0.0.0/8", { address: "::ffff:10.1.2.3" }, true],
    ["10.0.0.0/8:80", { address: "10.1.2.3", port: 80 }, true],
    ["192.0.2.7:443", { address: "192.0.2.7", port: 443 }, true],
    ["192.0.2.7", { host: "192.0.2.70" }, false],
    ["[2001:db8::]/32", { address: "2001:db8:1::1", port: 9 }, true],
    ["[2001:db8::1]:443", { address: "2001:db8:0::1", port: 443 }, true],
    ["[2001:db8::1]:443", { address: "2001:db8::1", port: 80 }, false],
    ["2001:db8::/32", { address: "2001:db9::" }, false],
    ["::1", { address: "::1" }, true],
  ])("%s and %o", (pattern, target, right) => {
    expect(decide([{ mode: "allow", patterns: [pattern] }], "connect", target)).toBe(right);
  });

  test("what stays within the machine is free unless a rule names it", () => {
    for (const network of ["deny", "allow", { rules: [{ mode: "deny" }] }] as const) {
      const rules = new NetworkRules(checkPermissions({ network }).network);
      expect(rules.decide("listen", { port: 8080 }).allowed).toBe(true);
      expect(rules.decide("loopback", { port: 8080 }).allowed).toBe(true);
    }
    const listens: NetworkRule[] = [{ mode: "allow", operations: ["listen"], patterns: ["*:8080"] }];
    expect(decide(listens, "listen", { port: 8080 })).toBe(true);
    expect(decide(listens, "listen", { port: 8081 })).toBe(false);
    expect(decide(listens, "loopback", { port: 8081 })).toBe(true);
    expect(decide(listens, "connect", { host: "a", port: 8080 })).toBe(false);
  });

  test("the first rule decides, and says so", () => {
    const { network } = checkPermissions({
      network: {
        default: "allow",
        rules: [
          { mode: "allow", operations: ["dns"] },
          { mode: "deny", patterns: ["*.internal", "169.254.0.0/16"] },
        ],
      },
    });
    const rules = new NetworkRules(network);
    expect(rules.decide("dns", { host: "a.internal" })).toEqual({ allowed: true, rule: 0 });
    expect(rules.decide("connect", { host: "a.internal", port: 1 })).toEqual({ allowed: false, rule: 1 });
    expect(rules.decide("connect", { host: "b", address: "169.254.169.254", port: 80 }).allowed).toBe(false);
    expect(rules.decide("udp", { address: "192.0.2.1", port: 53 })).toEqual({ allowed: true, rule: null });
  });
});

test("variables, tools, programs and the process itself", () => {
  const { env, tool, childProcess, process } = checkPermissions({
    env: {
      default: "allow",
      rules: [{ mode: "deny", operations: ["read"], patterns: ["AWS_*", "{A,B}_KEY"] }],
    },
    tool: { rules: [{ mode: "allow", patterns: ["weather.*"] }] },
    childProcess: {
      rules: [
        { mode: "deny", patterns: ["/bin/rm"] },
        { mode: "allow", patterns: ["git", "/bin/**"] },
      ],
    },
    process: { default: "allow", rules: [{ mode: "deny", operations: ["chdir"] }] },
  });
  expect(decideVariable(env, "read", "AWS_SECRET")).toEqual({ allowed: false, rule: 0 });
  expect(decideVariable(env, "read", "B_KEY").allowed).toBe(false);
  expect(decideVariable(env, "write", "AWS_SECRET")).toEqual({ allowed: true, rule: null });
  expect(decideTool(tool, "weather.now").allowed).toBe(true);
  expect(decideTool(tool, "mail.send")).toEqual({ allowed: false, rule: null });
  expect(decideTool("allow", "mail.send")).toEqual({ allowed: true, rule: null });
  expect(decideProgram(childProcess, "spawn", "git", "/opt/git").allowed).toBe(true);
  expect(decideProgram(childProcess, "spawn", "ls", "/bin/ls").allowed).toBe(true);
  expect(decideProgram(childProcess, "spawn", "rm", "/bin/rm")).toEqual({ allowed: false, rule: 0 });
  expect(decideProgram(childProcess, "spawn", "ls").allowed).toBe(false);
  expect(decideProcess(process, "chdir")).toEqual({ allowed: false, rule: 0 });
  expect(decideProcess(process, "umask").allowed).toBe(true);
});
