import { parseArgs } from "node:util";

export interface Options {
  /** The suite: a directory with `parallel`, `common` and `fixtures`. */
  suite: string;
  /** A file with names of tests; all without. */
  list: string | null;
  filter: RegExp | null;
  jobs: number;
  /** Milliseconds that a test may take. */
  timeout: number;
  /** Results of an earlier run, whose runs on plain Node count again. */
  plain: string | null;
  /** A directory with canaries, where the suite has none. */
  canaries: string | null;
  /** Where the results go. */
  out: string;
}

export const usage = `usage: npm run conformance -- --suite DIR [options]
  --list FILE      names of tests, one a line (default: all of DIR/parallel)
  --filter REGEX   only names that match
  --jobs N         tests at a time (default 1)
  --timeout MS     for a test (default 60000)
  --plain FILE     results of an earlier run, to take plain Node's from
  --canaries DIR   tests of the runner itself (default: DIR/canaries of the suite)
  --out FILE       results as JSON (default .conformance/results.json)`;

/** Throws an Error that says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ suite: text, list: text, filter: text, jobs: text, timeout: text },
      ...{ plain: text, canaries: text, out: text },
    },
  });
  if (values.suite === undefined) throw new Error("--suite is missing");
  return {
    suite: values.suite,
    list: values.list ?? null,
    filter: values.filter === undefined ? null : new RegExp(values.filter),
    jobs: count("jobs", values.jobs ?? "1"),
    timeout: count("timeout", values.timeout ?? "60000"),
    plain: values.plain ?? null,
    canaries: values.canaries ?? null,
    out: values.out ?? ".conformance/results.json",
  };
}

function count(name: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} is no number of at least 1: ${value}`);
  return Number(value);
}
