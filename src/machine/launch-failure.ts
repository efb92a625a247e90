import { JailUnavailableError } from "../errors/jail-unavailable-error.js";
import { MachineExitedError } from "../errors/machine-exited-error.js";
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

/** What stage 0 and the kernel say when the jail can't be had. */
const jailTrouble = /^(?:stage0|jail): (.+)$/mu;

/** Finds out why a machine could not be started. */
export function launchFailure({ end, said, node, ended }: FailedLaunch): Error {
  if (ended === null) {
    const trouble = nodeTrouble({ node, said, error: end.error });
    if (trouble !== null) return trouble;
    const missing = jailTrouble.exec(said)?.[1];
    if (missing !== undefined)
      return new JailUnavailableError(missing.slice(0, MAX_WORDS).replace(/\.$/u, ""));
  }
  return new MachineExitedError({
    reason: "launch",
    signal: end.signal,
    exitCode: end.exitCode,
    said: [ended ?? end.error?.message ?? "", said.trim().slice(-MAX_WORDS)].join(" "),
    ...(end.error === null ? {} : { hint: spawnHint(end.error.code), cause: end.error }),
  });
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
