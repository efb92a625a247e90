import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { Termination, TerminationReason } from "../wire/index.js";
import { signalName } from "./signals.js";

/** Why and how the kernel ends a process. */
export interface Sentence {
  exitCode: number;
  signal: string | null;
  /** What the host is told; null when another guest process did it. */
  termination: Termination | null;
  /** Milliseconds after which the process counts as stuck. */
  patience: number;
}

/** A timeout is answered by 100 ms later, be the process gone or not. */
const TIMEOUT_PATIENCE = 60;
/** Nobody counts these milliseconds, and taking down a large heap needs some. */
const PATIENCE = 1000;

/** What a process exits with whose own machinery failed: EX_SOFTWARE. */
export const SOFTWARE = 70;

/** What `timeout` of the coreutils exits with. */
const TIMED_OUT = 124;

/** Node's own ceiling of a timer. */
export const LONGEST_TIMER = 2 ** 31 - 1;

const SIGKILL = constants.signals.SIGKILL;

export function timedOut(limit: number): Sentence {
  return {
    exitCode: TIMED_OUT,
    signal: signalName(SIGKILL),
    termination: { reason: "timeout", limit },
    patience: TIMEOUT_PATIENCE,
  };
}

export function outOfMemory(limit: number, responsive: boolean): Sentence {
  return {
    exitCode: 128 + SIGKILL,
    signal: signalName(SIGKILL),
    termination: { reason: "memory", limit },
    patience: responsive ? PATIENCE : TIMEOUT_PATIENCE,
  };
}

/** Ended by a signal: the host's, with its reason, or a guest's. */
export function signalled(signal: number, reason: TerminationReason | null): Sentence {
  return {
    exitCode: 128 + signal,
    signal: signalName(signal),
    termination: reason === null ? null : { reason, limit: null },
    patience: reason === "timeout" ? TIMEOUT_PATIENCE : PATIENCE,
  };
}

/** Why no process could be started, in words. */
export function cannotRunText(error: number): string {
  const name = getSystemErrorName(error);
  return `spawn node ${name}${name === "EAGAIN" ? ": too many processes" : ""}\n`;
}

/** The guest's own machinery failed or lied. */
export function defective(): Sentence {
  return { exitCode: SOFTWARE, signal: null, termination: null, patience: PATIENCE };
}
