import { constants } from "node:os";

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.signals)) {
  // Some have a second, older name behind the first.
  if (!names.has(number)) names.set(number, name);
}

/** Signals that nothing happens at by default; of the last two Node sees to that, which has no debugger here. */
const ignored: ReadonlySet<number> = new Set([
  constants.signals.SIGCHLD,
  constants.signals.SIGCONT,
  constants.signals.SIGURG,
  constants.signals.SIGWINCH,
  constants.signals.SIGPIPE,
  constants.signals.SIGUSR1,
]);

/** Signals that stop a process, until SIGCONT. */
const stopping: ReadonlySet<number> = new Set([
  constants.signals.SIGSTOP,
  constants.signals.SIGTSTP,
  constants.signals.SIGTTIN,
  constants.signals.SIGTTOU,
]);

/** What a signal does to a process without a handler. */
export type SignalEffect = "none" | "end" | "stop" | "invalid";

export function effectOf(signal: number): SignalEffect {
  if (signal === 0 || ignored.has(signal)) return "none";
  if (stopping.has(signal)) return "stop";
  return names.has(signal) ? "end" : "invalid";
}

export function signalName(signal: number): string {
  return names.get(signal) ?? `SIG${signal}`;
}

/** Whether a process can listen to the signal. */
export function isCatchable(signal: number): boolean {
  return names.has(signal) && signal !== constants.signals.SIGKILL && signal !== constants.signals.SIGSTOP;
}

/** Whether a signal reaches a process that is stopped. */
export function isForceful(signal: number): boolean {
  return signal === constants.signals.SIGKILL || signal === constants.signals.SIGCONT;
}
