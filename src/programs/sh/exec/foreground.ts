import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { Killed } from "../errors.js";
import { described, type Job } from "../jobs.js";
import type { Shell } from "../shell.js";

const { SIGINT, SIGTTIN } = constants.signals;

/** What the handle of a terminal can do beside what Node makes of it. */
interface TerminalHandle {
  /** 0 for the group of the caller. */
  setForeground(group: number): number;
}

/** Whether a program that this shell starts is one at a prompt, with the terminal to itself. */
export function hasTerminal(shell: Shell): boolean {
  return shell.interactive && !shell.nested && shell.descriptor(0).terminal;
}

function terminal(): TerminalHandle {
  return (process.stdin as unknown as { _handle: TerminalHandle })._handle;
}

/** Tells of the signal that has stopped a program, and by null that it goes on. */
export function followStops(child: ChildProcess, told: (signal: number | null) => void): void {
  const { _handle: handle } = child as unknown as {
    _handle: { onstop?: (signal: number | null) => void } | null;
  };
  if (handle !== null) handle.onstop = told;
}

/** Lets a job have the terminal until it ends or is stopped: then it is in the shell's list. */
export async function waitInForeground(shell: Shell, job: Job): Promise<number> {
  const ours = terminal();
  ours.setForeground(job.pid);
  try {
    const status = await endOrStop(job);
    if (status !== null) {
      shell.jobs.forget(job);
      // The keyboard meant the rest of the line as well.
      if (status === 128 + SIGINT) throw new Killed(SIGINT, true);
      return status;
    }
  } finally {
    ours.setForeground(0);
  }
  shell.jobs.list(job);
  await shell.write(2, `\n${described(job, true, false)}`);
  return 128 + (job.stopped as number);
}

/** The status at the end, or null when a signal has stopped it. */
async function endOrStop(job: Job): Promise<number | null> {
  for (;;) {
    const status = await Promise.race([job.ended, job.stop()]);
    if (status !== null) return status;
    // It asked for input before it had the terminal.
    if (job.stopped !== SIGTTIN) return null;
    goOn(job);
  }
}

/** Has a stopped job go on. */
export function goOn(job: Job): void {
  job.halt(null);
  try {
    process.kill(-job.pid, "SIGCONT");
  } catch {
    // Its end is about to be told.
  }
}
