import { expect, test } from "vitest";
import * as numbers from "../../src/syscall/numbers.js";

test("no two calls have the same number", () => {
  const values = Object.values(numbers);
  expect(new Set(values).size).toBe(values.length);
});
