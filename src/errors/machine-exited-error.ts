import { SecureExecError } from "./secure-exec-error.js";

/** Why a machine ended. */
export type MachineExitReason =
  /** It ended before it was ready for a call. */
  | "launch"
  /** The host ended it. */
  | "killed"
  /** It was told to end because a process in it could not be stopped in time. */
  | "timeout"
  /** Its memory went over the limit. */
  | "memory"
  /** It had more threads than the limit. */
  | "threads"
  /** It left an operation on its disk without an answer for too long. */
  | "unresponsive"
  /** It broke the protocol. */
  | "protocol"
  /** It ended by itself, or something else on the host ended it. */
  | "crashed";

const explanations: Record<MachineExitReason, string> = {
  launch: "it could not be started",
  killed: "it was killed",
  timeout: "a process in it could not be stopped in time",
  memory: "its memory went over the limit",
  threads: "it had more threads than the limit",
  unresponsive: "it did not answer and was killed",
  protocol: "it broke the protocol",
  crashed: "it crashed",
};

/** What is known of a machine's end. */
export interface MachineExitedDetails {
  reason: MachineExitReason;
  /** The signal that ended it, where one did. */
  signal?: string | null;
  exitCode?: number | null;
  /** What it said on its own standard error. */
  said?: string;
  hint?: string;
  cause?: unknown;
}

/**
 * The machine of a runtime ended while a call was in it.
 *
 * `code` is `ERR_SECURE_EXEC_MACHINE_EXITED`; `reason` tells why.
 */
export class MachineExitedError extends SecureExecError {
  readonly reason: MachineExitReason;
  /** The signal that ended it, where one did. */
  readonly signal: string | null;
  readonly exitCode: number | null;

  constructor(details: MachineExitedDetails) {
    const { reason, signal = null, exitCode = null, said = "", hint, cause } = details;
    const own = reason === "crashed" || reason === "launch";
    const how = !own
      ? ""
      : signal !== null
        ? ` (${signal})`
        : exitCode !== null
          ? ` (exit code ${exitCode})`
          : "";
    const words = said.trim() === "" ? "" : ` It said: ${said.trim()}`;
    super("ERR_SECURE_EXEC_MACHINE_EXITED", `The machine ended: ${explanations[reason]}${how}.${words}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
    this.reason = reason;
    this.signal = signal;
    this.exitCode = exitCode;
  }
}
