import type { Need } from "./needs.ts";
import type { Outcome } from "./outcome.ts";

/** A test, on plain Node and in a guest. */
export interface Result {
  name: string;
  module: string;
  flags: string[];
  /** What it needs beside its own process. */
  needs: Need[];
  plain: Outcome;
  /** Null where plain Node doesn't pass: there is nothing to compare with. */
  guest: Outcome | null;
}

/** Tests of one module, or of all. */
export interface Tally {
  /** Tests that were run. */
  total: number;
  /** Those that plain Node passes. */
  eligible: number;
  /** Those of them that a guest passes too. */
  passed: number;
  /** Those of them that skip themselves in a guest: not passed. */
  skipped: number;
}

export interface Report {
  totals: Tally;
  /** Of the tests that need nothing beside their own process. */
  alone: Tally;
  /** Eligible tests that don't pass, by what they need; "nothing" for those that need no more. */
  failures: Record<string, number>;
  modules: Record<string, Tally>;
}

export function tally(results: readonly Result[]): Report {
  const totals = emptyTally();
  const alone = emptyTally();
  const failures: Record<string, number> = {};
  const modules: Record<string, Tally> = {};
  for (const { module, needs, plain, guest } of results) {
    modules[module] ??= emptyTally();
    if (plain.status === "pass" && guest?.status !== "pass") {
      const group = needs.join(", ") || "nothing";
      failures[group] = (failures[group] ?? 0) + 1;
    }
    for (const count of [totals, modules[module], ...(needs.length === 0 ? [alone] : [])]) {
      count.total++;
      if (plain.status !== "pass") continue;
      count.eligible++;
      if (guest?.status === "pass") count.passed++;
      if (guest?.status === "skip") count.skipped++;
    }
  }
  return { totals, alone, failures, modules };
}

function emptyTally(): Tally {
  return { total: 0, eligible: 0, passed: 0, skipped: 0 };
}

/** Percent with one decimal; 100 only where nothing failed. */
export function percent({ eligible, passed }: Tally): string {
  if (eligible === 0) return "-";
  return (Math.floor((1000 * passed) / eligible) / 10).toFixed(1);
}

/** A line for each module, the largest first, and one for all. */
export function table({ totals, modules }: Report): string {
  const rows = Object.entries(modules).toSorted(
    ([a, left], [b, right]) => right.eligible - left.eligible || a.localeCompare(b),
  );
  const width = Math.max(8, ...rows.map(([module]) => module.length));
  const line = (name: string, ...cells: (number | string)[]) =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join("");
  const row = (name: string, count: Tally) =>
    line(name, count.total, count.eligible, count.passed, count.skipped, percent(count));
  return [
    line("module", "total", "eligible", "passed", "skipped", "percent"),
    ...rows.map(([module, count]) => row(module, count)),
    row("all", totals),
  ].join("\n");
}

/** Why eligible tests don't pass: what they need, the most frequent first. */
export function failureList({ failures }: Report): string[] {
  const groups = Object.entries(failures).toSorted(([, left], [, right]) => right - left);
  return groups.map(([group, count]) => `${String(count).padStart(5)}  ${group}`);
}

/** The natives that guests are refused, a line for each binding. */
export function deniedList(natives: Readonly<Record<string, { denied?: string }>>): string[] {
  return Object.entries(natives).flatMap(([binding, { denied }]) =>
    denied === undefined ? [] : [`${binding}: ${denied}`],
  );
}
