import { describe, expect, test } from "vitest";
import type { MachineMessage } from "../../src/wire/index.js";
import { parseDirectoryEntries, parseMachineMessage } from "../../src/wire/validation.js";

const stat = {
  type: "file",
  size: 1,
  mode: 0o100644,
  uid: 1000,
  gid: 1000,
  nlink: 1,
  ino: 2,
  atimeMs: 1.5,
  mtimeMs: -1,
  ctimeMs: 0,
  birthtimeMs: 0,
} as const;

const good: MachineMessage[] = [
  { type: "ready", node: "v26.10.0", landlock: 0, disk: null },
  {
    type: "ready",
    node: "v26.10.0",
    landlock: 7,
    disk: { fd: 20, size: 4096 },
    check: { repaired: 2, problems: ["a"], formatted: false },
  },
  { type: "configured" },
  { type: "spare" },
  { type: "started", call: 1, pid: 2 },
  { type: "exit", call: 1, exitCode: 0, signal: null, termination: null, value: true },
  {
    type: "exit",
    call: 1,
    exitCode: 124,
    signal: "SIGKILL",
    termination: { reason: "timeout", limit: 100 },
    value: false,
  },
  {
    type: "exit",
    call: 1,
    exitCode: 0,
    signal: null,
    termination: null,
    value: false,
    resident: { pid: 2, lives: true },
  },
  { type: "stuck", call: 3, reason: "memory" },
  {
    type: "audit",
    scope: "fs",
    operation: "read",
    resource: "/secret",
    decision: "deny",
    rule: 255,
    suppressed: 3,
  },
  { type: "fsResult", call: 4, error: null, value: null },
  { type: "fsResult", call: 4, error: null, value: true },
  { type: "fsResult", call: 4, error: null, value: stat },
  {
    type: "fsResult",
    call: 4,
    error: { code: "ENOENT", errno: -2, syscall: "open", path: "/x", dest: "/y" },
    value: null,
  },
  { type: "connectedIn", call: 5, error: null },
  { type: "connectedIn", call: 5, error: "ECONNREFUSED" },
  { type: "closedIn", call: 5, error: "ECONNRESET" },
  { type: "listeners", call: 6, listeners: [{ address: "::", port: 3000, pid: 2 }] },
  { type: "pong", call: 9 },
];

test("what a machine may say is believed", () => {
  for (const message of good) expect(parseMachineMessage(structuredClone(message))).toEqual(message);
});

test("a missing field, a field more, and a field of another type are refused", () => {
  for (const message of good) {
    const fields = Object.keys(message).filter((field) => !["check", "resident"].includes(field));
    for (const field of fields) {
      const less: Record<string, unknown> = { ...message };
      delete less[field];
      expect(typeof parseMachineMessage(less)).toBe("string");
      expect(typeof parseMachineMessage({ ...message, [field]: { toString: 1 } })).toBe("string");
    }
    expect(typeof parseMachineMessage({ ...message, extra: 1 })).toBe("string");
    expect(typeof parseMachineMessage(JSON.parse(`{"__proto__":1,${JSON.stringify(message).slice(1)}`))).toBe(
      "string",
    );
  }
});

describe("bounds", () => {
  const exit = { type: "exit", call: 1, exitCode: 0, signal: null, termination: null, value: false };
  const ready = { type: "ready", node: "v26.10.0", landlock: 0, disk: null };
  const failed = (error: object) => ({ type: "fsResult", call: 1, error, value: null });
  const listener = { address: "::1", port: 80, pid: 1 };
  const listening = (changes: object) => ({
    type: "listeners",
    call: 1,
    listeners: [{ ...listener, ...changes }],
  });
  const bad: [string, unknown][] = [
    ["an unknown type", { type: "start", call: 1 }],
    ["call zero", { ...exit, call: 0 }],
    ["a call of 2^32", { ...exit, call: 2 ** 32 }],
    ["a fraction", { ...exit, call: 1.5 }],
    ["an exit code over 255", { ...exit, exitCode: 256 }],
    ["a negative exit code", { ...exit, exitCode: -1 }],
    ["a signal that is none", { ...exit, signal: "a b" }],
    ["a signal that is long", { ...exit, signal: "S".repeat(65) }],
    ["a reason that is none", { ...exit, termination: { reason: "bored", limit: null } }],
    ["a process that is none", { ...exit, resident: { pid: 0, lives: true } }],
    ["a life that is none", { ...exit, resident: { pid: 1, lives: 1 } }],
    ["a long version", { ...ready, node: "v26.10.0.1" }],
    ["a version with words", { ...ready, node: "v26.10.0-rc.1" }],
    ["a disk without size", { ...ready, disk: { fd: 3, size: 0 } }],
    ["a descriptor out of range", { ...ready, disk: { fd: 1e6, size: 1 } }],
    ["many problems", { ...ready, check: { repaired: 0, problems: Array(21).fill("x"), formatted: false } }],
    ["a long problem", { ...ready, check: { repaired: 0, problems: ["x".repeat(1001)], formatted: false } }],
    ["a positive errno", failed({ code: "ENOENT", errno: 2, syscall: "open" })],
    ["an errno out of range", failed({ code: "ENOENT", errno: -4096, syscall: "open" })],
    ["a code with line breaks", failed({ code: "E\nX", errno: -2, syscall: "open" })],
    ["a long path", failed({ code: "ENOENT", errno: -2, syscall: "open", path: "x".repeat(4097) })],
    [
      "a size beyond the integers",
      { type: "fsResult", call: 1, error: null, value: { ...stat, size: 2 ** 60 } },
    ],
    ["a stat without fields", { type: "fsResult", call: 1, error: null, value: {} }],
    ["an error with words", { type: "connectedIn", call: 1, error: "no such port" }],
    ["an address that is none", listening({ address: "localhost" })],
    ["a port that is none", listening({ port: 65_536 })],
    ["port zero", listening({ port: 0 })],
    ["a listener without a process", listening({ pid: 0 })],
    ["a listener with more", listening({ host: "x" })],
    ["many listeners", { type: "listeners", call: 1, listeners: Array(4097).fill(listener) }],
    ["an array", []],
    ["null", null],
    ["a number", 1],
    ["a text", "ready"],
    ["deep nesting", JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`)],
  ];
  for (const [name, value] of bad) {
    test(name, () => expect(typeof parseMachineMessage(value)).toBe("string"));
  }

  test("what is wrong is told without the words of the machine", () => {
    const complaint = parseMachineMessage({ ...exit, "<script>alert(1)</script>": 1 });
    expect(complaint).not.toContain("script");
    expect(parseMachineMessage({ ...exit, exitCode: "secret" })).not.toContain("secret");
  });
});

test("a listing is a list of names and types", () => {
  const entries = [
    ["a", "file"],
    ["b", "directory"],
  ];
  expect(parseDirectoryEntries(entries)).toEqual(entries);
  for (const bad of [
    [["", "file"]],
    [["a"]],
    [["a", "b"]],
    [["a", "file", 1]],
    {},
    [["x".repeat(256), "file"]],
    [["a", "__proto__"]],
    [[".", "directory"]],
    [["..", "directory"]],
    [["../../etc/passwd", "file"]],
    [["a\0b", "file"]],
    [[1, "file"]],
  ]) {
    expect(typeof parseDirectoryEntries(bad)).toBe("string");
  }
});
