import { JailUnavailableError } from "../errors/jail-unavailable-error.js";
import { MachineExitedError } from "../errors/machine-exited-error.js";
import { PersistError } from "../errors/persist-error.js";
import { stage0Failure } from "../jail/stage0/failures.js";
import { nodeTrouble } from "./node-trouble.js";
import type { ProcessEnd } from "./spawn.js";

/** What is known of a machine that ended before it was ready. No guest code has run in it. */
export interface FailedLaunch {
  end: ProcessEnd;
  /** What it printed. */
  said: string;
  node: string;
  /** Why the host ended it; null when it ended by itself. */
  ended: string | null;
}

/** The most of a machine's words that an error repeats, in UTF-16 units. */
const MAX_WORDS = 2000;
/** The exit code of a kernel that gave up. */
const KERNEL_FAILED = 70;

/** Steps of stage 0 that only a system without what the jail is made of fails at. */
const jailSteps: ReadonlySet<string | null> = new Set(["privileges", "landlock", "seccomp"]);
/** What stage 0 and the kernel say when they give up. */
const lastWords = /^(?:stage 0|secure-exec kernel: jail: \w*Error): (.+)$/mu;

/** What the kernel says of the file that a disk is kept in. */
const fileProblem = /^secure-exec kernel: file: \w*Error: (busy|damaged)$/mu;

/** Finds out why a machine could not be started. */
export function launchFailure({ end, said, node, ended }: FailedLaunch): Error {
  if (ended === null) {
    const trouble = nodeTrouble({ node, said, error: end.error });
    if (trouble !== null) return trouble;
    const problem = fileProblem.exec(said)?.[1] as "busy" | "damaged" | undefined;
    if (problem !== undefined) return new PersistError(problem);
    const missing = missingForJail(end, said);
    if (missing !== null) return new JailUnavailableError(missing);
  }
  return new MachineExitedError({
    reason: "launch",
    signal: end.signal,
    exitCode: end.exitCode,
    said: [ended ?? end.error?.message ?? "", said.trim().slice(-MAX_WORDS)].join(" "),
    ...(end.error === null ? {} : { hint: spawnHint(end.error.code), cause: end.error }),
  });
}

function missingForJail({ exitCode }: ProcessEnd, said: string): string | null {
  const failure = stage0Failure(exitCode);
  const inKernel = exitCode === KERNEL_FAILED && said.includes("secure-exec kernel: jail: ");
  if (!inKernel && !jailSteps.has(failure)) return null;
  const words = lastWords.exec(said)?.[1] ?? `stage 0 failed (${failure})`;
  return words.slice(0, MAX_WORDS).replace(/\.$/u, "");
}

function spawnHint(code: unknown): string {
  switch (code) {
    case "EAGAIN":
      return "The system has no room for another process: see `ulimit -u` and the container's limit of pids.";
    case "EMFILE":
    case "ENFILE":
      return "There are too many open files: see `ulimit -n`.";
    case "EACCES":
      return "The file may not be executed: see its mode and the mount options of its disk.";
    default:
      return "The process could not be spawned.";
  }
}
