import { expect, test } from "vitest";
import { readOptions } from "../../conformance/options.ts";

test("the suite is enough", () => {
  expect(readOptions(["--suite", "/s"])).toEqual({
    suite: "/s",
    list: null,
    filter: null,
    jobs: 1,
    timeout: 60_000,
    plain: null,
    canaries: null,
    out: ".conformance/results.json",
  });
});

test("all others", () => {
  const given = ["--suite=/s", "--list", "l", "--filter=^test-fs", "--jobs=4", "--timeout", "500"];
  const options = readOptions([...given, "--plain=p.json", "--canaries", "c", "--out", "o.json"]);
  expect(options).toMatchObject({ list: "l", filter: /^test-fs/, jobs: 4, timeout: 500 });
  expect(options).toMatchObject({ plain: "p.json", canaries: "c", out: "o.json" });
});

test("what is wrong is named", () => {
  expect(() => readOptions([])).toThrow("--suite is missing");
  expect(() => readOptions(["--suite=/s", "--jobs=0"])).toThrow("--jobs is no number of at least 1: 0");
  expect(() => readOptions(["--suite=/s", "--job=1"])).toThrow("--job");
});
