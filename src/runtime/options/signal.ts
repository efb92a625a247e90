import { constants } from "node:os";
import { refuse } from "./checks.js";

/** The number of a signal that is given by name or number; 0 is none. */
export function checkSignal(signal: unknown): number {
  const known = constants.signals as Record<string, number>;
  if (typeof signal === "string" && Object.hasOwn(known, signal)) return known[signal] as number;
  if (signal === 0 || Object.values(known).includes(signal as number)) return signal as number;
  return refuse("signal", "the name or the number of a signal", signal);
}
