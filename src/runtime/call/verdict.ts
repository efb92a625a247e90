import { MachineExitedError } from "../../errors/machine-exited-error.js";
import { ProtocolError } from "../../errors/protocol-error.js";
import type { MachineExit } from "../../machine/index.js";
import type { Termination } from "../result.js";

/** The end of a program, as its result tells it. */
export interface Ending {
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
}

/** What is known of a call whose machine ended. */
export interface LostCall {
  /** The id of its process in the guest, null when it had not started. */
  pid: number | null;
  /** No other call was in the machine. */
  alone: boolean;
  /** The memory limit of its process, in bytes. */
  memory: number;
  /** The limits of its machine. */
  machineMemory: number;
  machineThreads: number;
}

/** Exit codes of a process killed by SIGKILL and SIGABRT, as a shell shows them. */
const KILLED = 137;
const ABORTED = 134;

/** What `timeout` of the coreutils answers. */
const TIMED_OUT = 124;

/** The end of a program whose time was over before it had started. */
export function unstartedEnding(limit: number | null): Ending {
  return { exitCode: TIMED_OUT, signal: null, termination: { reason: "timeout", limit } };
}

/** The end of a program that could only be stopped together with its machine. */
export function stuckEnding(reason: string, limit: number | null): Ending {
  if (reason === "timeout") {
    return { exitCode: TIMED_OUT, signal: "SIGKILL", termination: { reason, limit } };
  }
  const cause = reason === "memory" ? "memory" : "killed";
  return { exitCode: KILLED, signal: "SIGKILL", termination: { reason: cause, limit } };
}

/**
 * Judges a call whose machine ended: its result when it is to blame, else the error that it rejects
 * with. To blame is the only call in the machine, since one line of guest code can end a machine; of
 * several, none can be told to be, and what ended the machine from outside is no call's fault.
 */
export function judge(exit: MachineExit, lost: LostCall): Ending | Error {
  if (exit.reason === "protocol") return new ProtocolError(exit.breach ?? "it sent what it must not");
  return (lost.alone && blame(exit, lost)) || exitedError(exit, lost.pid);
}

function blame(exit: MachineExit, lost: LostCall): Ending | null {
  const { reason, signal } = exit;
  if (reason === "memory" || reason === "threads") {
    const limit = reason === "memory" ? lost.machineMemory : lost.machineThreads;
    return { exitCode: KILLED, signal: "SIGKILL", termination: { reason, limit } };
  }
  // A machine never sends itself SIGKILL or SIGTERM: someone on the host did.
  if (reason !== "crashed" || signal === "SIGKILL" || signal === "SIGTERM") return null;
  if (/out of memory/i.test(exit.stderr)) {
    return { exitCode: KILLED, signal, termination: { reason: "memory", limit: lost.memory } };
  }
  return { exitCode: ABORTED, signal, termination: { reason: "crash", limit: null } };
}

/** The error of a call that went down with a machine. */
export function exitedError(exit: MachineExit, pid: number | null): MachineExitedError {
  const { reason, signal, exitCode } = exit;
  const gone = pid === null ? "The call did not start" : `Process ${pid} is gone`;
  const hint = `${gone}; the runtime lives on with its disk, and the next call works.`;
  return new MachineExitedError({ reason, signal, exitCode, said: exit.stderr, hint });
}
