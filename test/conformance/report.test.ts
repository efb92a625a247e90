import { expect, test } from "vitest";
import type { Need } from "../../conformance/needs.ts";
import type { Outcome, Status } from "../../conformance/outcome.ts";
import { deniedList, failureList, percent, type Result, table, tally } from "../../conformance/report.ts";

const outcome = (status: Status): Outcome => ({ status, exitCode: 0, milliseconds: 1 });
const result = (module: string, plain: Status, guest: Status | null, needs: Need[] = []): Result => ({
  name: `test-${module}.js`,
  module,
  flags: [],
  needs,
  plain: outcome(plain),
  guest: guest && outcome(guest),
});

const results = [
  result("fs", "pass", "pass"),
  result("fs", "pass", "fail", ["child process"]),
  result("fs", "pass", "skip"),
  result("fs", "fail", null),
  result("url", "pass", "pass"),
  result("os", "skip", null),
];

test("only what plain Node passes counts, and a skip is no pass", () => {
  const { totals, modules } = tally(results);
  expect(totals).toEqual({ total: 6, eligible: 4, passed: 2, skipped: 1 });
  expect(modules).toEqual({
    fs: { total: 4, eligible: 3, passed: 1, skipped: 1 },
    url: { total: 1, eligible: 1, passed: 1, skipped: 0 },
    os: { total: 1, eligible: 0, passed: 0, skipped: 0 },
  });
});

test("tests that need nothing beside their own process are told apart", () => {
  const report = tally(results);
  expect(report.alone).toEqual({ total: 5, eligible: 3, passed: 2, skipped: 1 });
  expect(failureList(report)).toEqual(["    1  child process", "    1  nothing"]);
});

test("a percentage is 100 only where nothing failed", () => {
  const of = (passed: number, eligible: number) => percent({ total: 0, skipped: 0, eligible, passed });
  expect([of(1999, 2000), of(2, 2), of(1, 3), of(0, 0)]).toEqual(["99.9", "100.0", "33.3", "-"]);
});

test("the table has the largest module first and all of them last", () => {
  const lines = table(tally(results)).split("\n");
  expect(lines.map((line) => line.split(/\s+/))).toEqual([
    ["module", "total", "eligible", "passed", "skipped", "percent"],
    ["fs", "4", "3", "1", "1", "33.3"],
    ["url", "1", "1", "1", "0", "100.0"],
    ["os", "1", "0", "0", "0", "-"],
    ["all", "6", "4", "2", "1", "50.0"],
  ]);
});

test("denied natives are listed by binding", () => {
  expect(deniedList({ a: { denied: "x y" }, b: {} })).toEqual(["a: x y"]);
});
