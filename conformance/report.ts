import type { Outcome } from "./outcome.ts";

/** A test, on plain Node and in a guest. */
export interface Result {
  name: string;
  module: string;
  flags: string[];
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
  modules: Record<string, Tally>;
}

export function tally(results: readonly Result[]): Report {
  const totals = emptyTally();
  const modules: Record<string, Tally> = {};
  for (const { module, plain, guest } of results) {
    modules[module] ??= emptyTally();
    for (const count of [totals, modules[module]]) {
      count.total++;
      if (plain.status !== "pass") continue;
      count.eligible++;
      if (guest?.status === "pass") count.passed++;
      if (guest?.status === "skip") count.skipped++;
    }
  }
  return { totals, modules };
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

/** The natives that guests are refused, a line for each binding. */
export function deniedList(natives: Readonly<Record<string, { denied?: string }>>): string[] {
  return Object.entries(natives).flatMap(([binding, { denied }]) =>
    denied === undefined ? [] : [`${binding}: ${denied}`],
  );
}
