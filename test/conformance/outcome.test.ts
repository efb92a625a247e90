import { expect, test } from "vitest";
import { clip, outcomeOf, type Run, statusOf } from "../../conformance/outcome.ts";

const run: Run = {
  exitCode: 0,
  signal: null,
  timedOut: false,
  stdout: "",
  stderr: "",
  milliseconds: 12.4,
};

test("how a run ended", () => {
  expect(statusOf(run)).toBe("pass");
  expect(statusOf({ ...run, exitCode: 1 })).toBe("fail");
  expect(statusOf({ ...run, stdout: "1..0 # Skipped: no crypto\n" })).toBe("skip");
  expect(statusOf({ ...run, exitCode: 1, stdout: "1..0 # Skipped: x\n" })).toBe("fail");
  expect(statusOf({ ...run, exitCode: null, signal: "SIGKILL" })).toBe("crash");
  expect(statusOf({ ...run, exitCode: 137, error: "ended by the machine: memory" })).toBe("crash");
  expect(statusOf({ ...run, exitCode: 124, signal: "SIGKILL", timedOut: true })).toBe("timeout");
});

test("what is kept: the reason of a skip, the output of a failure, nothing of a pass", () => {
  expect(outcomeOf({ ...run, stdout: "much" })).toEqual({ status: "pass", exitCode: 0, milliseconds: 12 });
  expect(outcomeOf({ ...run, stdout: "1..0 # Skipped: no crypto\n" })).toMatchObject({
    skipped: "no crypto",
  });
  const failed = outcomeOf({ ...run, exitCode: 7, stdout: "a".repeat(5000), stderr: "bad" });
  expect(failed).toMatchObject({ status: "fail", exitCode: 7, stderr: "bad" });
  expect(failed.stdout).toMatch(/^a{800}\n\[\.\.\.\]\na{800}$/);
});

test("a long text keeps its beginning and its end", () => {
  expect(clip("abcdef", 3)).toBe("abcdef");
  expect(clip("abcdefg", 3)).toBe("abc\n[...]\nefg");
});
