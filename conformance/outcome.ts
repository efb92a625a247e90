/** How a run of a test ended. */
export type Status = "pass" | "skip" | "fail" | "timeout" | "crash";

/** What a run came to. */
export interface Run {
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  /** The machine ended, or what ran the test failed. */
  error?: string;
  stdout: string;
  stderr: string;
  milliseconds: number;
}

/** What is kept of a run. */
export interface Outcome {
  status: Status;
  exitCode: number | null;
  milliseconds: number;
  signal?: string;
  error?: string;
  /** Why the test skipped itself. */
  skipped?: string;
  /** Of a run that neither passed nor skipped itself, clipped. */
  stdout?: string;
  stderr?: string;
}

/** What a test prints that finds nothing to test here. */
const selfSkip = /^1\.\.0 # Skipped:?(.*)$/m;

const STDOUT_KEPT = 800;
const STDERR_KEPT = 1500;

export function statusOf({ timedOut, signal, error, exitCode, stdout }: Run): Status {
  if (timedOut) return "timeout";
  if (signal !== null || error !== undefined) return "crash";
  if (exitCode !== 0) return "fail";
  return selfSkip.test(stdout) ? "skip" : "pass";
}

export function outcomeOf(run: Run): Outcome {
  const status = statusOf(run);
  const outcome: Outcome = { status, exitCode: run.exitCode, milliseconds: Math.round(run.milliseconds) };
  if (run.signal !== null) outcome.signal = run.signal;
  if (run.error !== undefined) outcome.error = clip(run.error, STDERR_KEPT);
  if (status === "skip") outcome.skipped = selfSkip.exec(run.stdout)?.[1]?.trim() ?? "";
  if (status === "pass" || status === "skip") return outcome;
  return { ...outcome, stdout: clip(run.stdout, STDOUT_KEPT), stderr: clip(run.stderr, STDERR_KEPT) };
}

/** The beginning and the end of a long text: the one names the error, the other what came of it. */
export function clip(text: string, kept: number): string {
  if (text.length <= 2 * kept) return text;
  return `${text.slice(0, kept)}\n[...]\n${text.slice(-kept)}`;
}
