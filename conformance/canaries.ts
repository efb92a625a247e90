import { outcomeOf } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import type { Suite } from "./suite.ts";
import { expectationOf } from "./test-case.ts";

/** How long a canary gets that has to run into its time limit, in milliseconds. */
const SHORT = 4000;

/** A canary that ended in a way that it must not. */
export interface WrongCanary {
  name: string;
  status: string;
  expected: string[];
  stderr: string;
}

/** Runs the tests of the runner itself: those that came out wrong, of how many. */
export async function runCanaries(
  suite: Suite,
  runner: Runner,
  timeout: number,
): Promise<{ total: number; wrong: WrongCanary[] }> {
  const names = suite.names("canaries");
  const wrong: WrongCanary[] = [];
  for (const name of names) {
    const expected = expectationOf(suite.source("canaries", name));
    const limit = expected.includes("timeout") ? Math.min(SHORT, timeout) : timeout;
    const {
      status,
      stderr = "",
      error = "",
    } = outcomeOf(await runner.run(suite.test("canaries", name), limit));
    if (!expected.includes(status)) wrong.push({ name, status, expected, stderr: stderr || error });
  }
  return { total: names.length, wrong };
}
