import { MachineExitedError } from "../errors/machine-exited-error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { MachineExit } from "./types.js";

/** The error of whatever was under way in a machine that ended. */
export function machineError(exit: MachineExit): MachineExitedError | ProtocolError {
  if (exit.breach !== null) return new ProtocolError(exit.breach);
  const { reason, signal, exitCode, stderr } = exit;
  return new MachineExitedError({ reason, signal, exitCode, said: stderr });
}
