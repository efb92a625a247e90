// Runs Node's own tests in guest processes, and beside each on plain pinned Node: what plain Node passes
// is what a guest should pass. See README.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { changedNatives } from "../src/guest/classification.ts";
import { runCanaries } from "./canaries.ts";
import { GuestRunner } from "./guest-runner.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { PlainRunner } from "./plain-runner.ts";
import { deniedList, failureList, percent, type Result, table, tally } from "./report.ts";
import type { Runner } from "./runner.ts";
import { Suite } from "./suite.ts";
import { parseList } from "./test-case.ts";

const WRONG_USE = 2;
const WRONG_CANARIES = 3;

/** Plain Node's outcomes of an earlier run, by test. */
function earlierOutcomes(file: string | null): Map<string, Outcome> {
  if (file === null) return new Map();
  const { results } = JSON.parse(readFileSync(file, "utf8")) as { results: Result[] };
  return new Map(results.map(({ name, plain }) => [name, plain]));
}

function chosen(suite: Suite, { list, filter }: Options): string[] {
  const there = suite.names("parallel");
  const names = list === null ? there : parseList(readFileSync(list, "utf8"));
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) throw new Error(`not in the suite: ${missing.slice(0, 5).join(", ")}`);
  return filter === null ? names : names.filter((name) => filter.test(name));
}

/** Whether the tests of the runner itself come out as they must. */
async function checkCanaries(suite: Suite, guest: Runner, timeout: number): Promise<boolean> {
  const { total, wrong } = await runCanaries(suite, guest, timeout);
  if (total === 0) console.log("no canaries, so nothing proves the verdicts: see --canaries");
  else console.log(`${total - wrong.length} of ${total} canaries came out right`);
  for (const { name, status, expected, stderr } of wrong) {
    console.log(`  ${name}: ${status}, expected ${expected.join(" or ")}\n${stderr.slice(0, 400)}`);
  }
  return wrong.length === 0;
}

async function runTests(suite: Suite, options: Options, guests: Runner[], plain: Runner): Promise<Result[]> {
  const names = chosen(suite, options);
  const known = earlierOutcomes(options.plain);
  const results = new Map<string, Result>();
  let next = 0;
  const work = async (guest: Runner): Promise<void> => {
    while (next < names.length) {
      const name = names[next++] as string;
      const test = suite.test("parallel", name);
      const theirs = known.get(name) ?? outcomeOf(await plain.run(test, options.timeout));
      const ours = theirs.status === "pass" ? outcomeOf(await guest.run(test, options.timeout)) : null;
      const { module, flags, needs } = test;
      results.set(name, { name, module, flags, needs, plain: theirs, guest: ours });
      if (ours !== null && ours.status !== "pass") console.log(`${ours.status.padEnd(8)}${name}`);
    }
  };
  await Promise.all(guests.map(work));
  return names.flatMap((name) => results.get(name) ?? []);
}

/** Writes the results and prints what they come to. */
function write(out: string, results: Result[]): void {
  const report = tally(results);
  const denied = deniedList(changedNatives);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ node: process.version, ...report, denied, results }, null, 1)}\n`);
  const { alone, totals } = report;
  console.log(`\n${table(report)}\n`);
  console.log(`Denied natives:\n  ${denied.join("\n  ")}\n`);
  console.log(`Eligible tests that don't pass, by what they need beside their own process:`);
  console.log(`${failureList(report).join("\n")}\n`);
  console.log(`${alone.passed} of ${alone.eligible} that need nothing more pass (${percent(alone)} %)`);
  console.log(`${totals.passed} of ${totals.eligible} eligible tests pass (${percent(totals)} %): ${out}`);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const suite = new Suite(options.suite, options.canaries);
  const plain = new PlainRunner(suite);
  const guests = Array.from({ length: options.jobs }, () => new GuestRunner(suite));
  try {
    if (!(await checkCanaries(suite, guests[0] as Runner, options.timeout))) return WRONG_CANARIES;
    const results = await runTests(suite, options, guests, plain);
    write(options.out, results);
    return 0;
  } finally {
    await Promise.all([plain, ...guests].map((runner) => runner.dispose()));
    suite.dispose();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? `${error.message}\n\n${usage}` : error);
  process.exitCode = WRONG_USE;
}
