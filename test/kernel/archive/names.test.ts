import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLink, entryNames } from "../../../src/kernel/archive/names.js";
import { OperationError } from "../../../src/kernel/fs/failure.js";

function refused(action: () => unknown): string {
  try {
    action();
    return "taken";
  } catch (error) {
    if (error instanceof OperationError) {
      return error.failure.code === "EPROTO" ? error.failure.syscall : error.failure.code;
    }
    throw error;
  }
}

describe("a name in an archive", () => {
  test.each([
    ["a", ["a"]],
    ["a/b/", ["a", "b"]],
    ["./a//b/./c", ["a", "b", "c"]],
    ["./", []],
    ["a\\..\\b", ["a\\..\\b"]],
    ["..a/b..", ["..a", "b.."]],
    ["C:/a", ["C:", "a"]],
  ])("%j is taken apart", (name, names) => {
    expect(entryNames(name)).toEqual(names);
  });

  test.each([
    ["/etc/passwd", "absolute"],
    ["//a", "absolute"],
    ["..", "traversal"],
    ["a/../../b", "traversal"],
    ["a/..", "traversal"],
    ["a\0b", "malformed"],
    [`a/${"n".repeat(256)}`, "ENAMETOOLONG"],
    ["a/".repeat(2048), "ENAMETOOLONG"],
  ])("%j is refused", (name, problem) => {
    expect(refused(() => entryNames(name))).toBe(problem);
  });
});

describe("a symbolic link in an archive", () => {
  test.each<[string, number]>([
    ["b", 0],
    ["../b", 1],
    ["../../b/c", 2],
    [".", 0],
    ["./b/./c/", 0],
    ["..", 1],
  ])("to %j from %i directories down is taken", (target, depth) => {
    expect(refused(() => checkLink(target, depth, "l"))).toBe("taken");
  });

  test.each<[string, number, string]>([
    ["/etc", 3, "link"],
    ["..", 0, "link"],
    ["../../b", 1, "link"],
    ["b/..", 0, "link"],
    ["b/../c", 5, "link"],
    ["./../b/..", 2, "link"],
    ["", 1, "malformed"],
    ["a\0", 1, "malformed"],
    ["n/".repeat(2048), 1, "ENAMETOOLONG"],
  ])("to %j from %i directories down is refused", (target, depth, problem) => {
    expect(refused(() => checkLink(target, depth, "l"))).toBe(problem);
  });

  test("that is taken leads below the directory, by its words alone", () => {
    const part = fc.constantFrom("..", ".", "a", "b", "");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(3), (parts, depth) => {
        const target = parts.join("/");
        if (refused(() => checkLink(target, depth, "l")) !== "taken") return;
        const from = `/root${"/d".repeat(depth)}`;
        expect(posix.resolve(from, target)).toMatch(/^\/root(?:\/|$)/);
      }),
    );
  });
});
