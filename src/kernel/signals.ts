import { constants } from "node:os";

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.signals)) {
  // Some have a second, older name behind the first.
  if (!names.has(number)) names.set(number, name);
}

/** Signals that nothing happens at by default. */
const ignored: ReadonlySet<number> = new Set([
  constants.signals.SIGCHLD,
  constants.signals.SIGCONT,
  constants.signals.SIGURG,
  constants.signals.SIGWINCH,
]);

/** Signals that would stop a process, which this kernel can't. */
const stopping: ReadonlySet<number> = new Set([
  constants.signals.SIGSTOP,
  constants.signals.SIGTSTP,
  constants.signals.SIGTTIN,
  constants.signals.SIGTTOU,
]);

/** What a signal does to a process without a handler. */
export type SignalEffect = "none" | "end" | "refused" | "invalid";

export function effectOf(signal: number): SignalEffect {
  if (signal === 0 || ignored.has(signal)) return "none";
  if (stopping.has(signal)) return "refused";
  return names.has(signal) ? "end" : "invalid";
}

export function signalName(signal: number): string {
  return names.get(signal) ?? `SIG${signal}`;
}
