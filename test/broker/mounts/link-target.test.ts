import { expect, test } from "vitest";
import { innerTarget } from "../../../src/broker/mounts/host-directory/link-target.js";

const roots = ["/real/project", "/called/project"];

test("relative links that stay inside are told as they are", () => {
  expect(innerTarget("b.txt", [], roots)).toBe("b.txt");
  expect(innerTarget("../x/y", ["lib"], roots)).toBe("../x/y");
  expect(innerTarget("./a/../b", [], roots)).toBe("./a/../b");
});

test("absolute links that stay inside become relative, by either name of the root", () => {
  expect(innerTarget("/real/project/lib/a", ["lib", "deep"], roots)).toBe("../a");
  expect(innerTarget("/called/project/lib", [], roots)).toBe("lib");
  expect(innerTarget("/real/project", ["lib"], roots)).toBe("..");
  expect(innerTarget("/real/project", [], roots)).toBe(".");
});

test("links that leave are told of nowhere", () => {
  expect(innerTarget("..", [], roots)).toBeNull();
  expect(innerTarget("../../x", ["lib"], roots)).toBeNull();
  // Out and in again: the guest has no such place to come back from.
  expect(innerTarget("../../project/a", ["lib"], roots)).toBeNull();
  expect(innerTarget("a/../../../x", ["lib"], roots)).toBeNull();
  expect(innerTarget("/etc/passwd", [], roots)).toBeNull();
  expect(innerTarget("/real/project2/a", [], roots)).toBeNull();
  expect(innerTarget("/real/project/../x", [], roots)).toBeNull();
});
