import { errorText } from "../../errors.js";
import { ShellError } from "../errors.js";
import { goOn, hasTerminal, waitInForeground } from "../exec/foreground.js";
import { described, type Job } from "../jobs.js";
import { type Shell, signalName, signalNumber } from "../shell.js";
import type { Builtin } from "./index.js";

export const jobs: Builtin = async (shell, args) => {
  const { current } = shell.jobs;
  for (const job of [...shell.jobs.all]) {
    if (args.includes("-p")) await shell.write(1, `${job.pid}\n`);
    else await shell.write(1, described(job, job === current, args.includes("-l")));
    if (job.status !== null) shell.jobs.forget(job);
  }
  return 0;
};

/** Waits for one job; a signal that has an action ends the waiting. */
async function end(shell: Shell, job: Job): Promise<number> {
  const status = await Promise.race([job.ended, shell.interrupted(), shell.aborted()]);
  if (job.status !== null) shell.jobs.forget(job);
  return status;
}

export const wait: Builtin = async (shell, args) => {
  if (args[0] === "-n") {
    const running = shell.jobs.all.filter(({ status }) => status === null);
    if (running.length === 0) return 127;
    const first = await Promise.race(running.map((job) => job.ended.then(() => job)));
    return end(shell, first);
  }
  const names = args.filter((arg) => !arg.startsWith("-"));
  if (names.length === 0) {
    for (const job of [...shell.jobs.all]) {
      const status = await end(shell, job);
      if (shell.pending.length > 0) return status;
    }
    return 0;
  }
  let status = 0;
  for (const name of names) {
    const job = shell.jobs.find(name);
    const past = job === undefined ? shell.jobs.past(Number(name)) : undefined;
    if (job === undefined && past === undefined) {
      await shell.complain(`wait: pid ${name} is not a child of this shell`);
      status = 127;
    } else status = job === undefined ? (past as number) : await end(shell, job);
  }
  return status;
};

/** `fg`: a program has the terminal again, anything else is only waited for. */
export const foreground: Builtin = async (shell, [name]) => {
  const job = named(shell, "fg", name);
  await shell.write(1, `${job.text}\n`);
  if (!job.isProcess || !hasTerminal(shell)) return end(shell, job);
  if (job.stopped !== null) goOn(job);
  return waitInForeground(shell, job);
};

/** `bg`: what was stopped goes on without the terminal. */
export const background: Builtin = async (shell, args) => {
  for (const name of args.length === 0 ? [undefined] : args) {
    const job = named(shell, "bg", name);
    if (job.stopped === null) throw new ShellError(`bg: job ${job.id} already in background`);
    goOn(job);
    await shell.write(1, `[${job.id}]+ ${job.text} &\n`);
  }
  return 0;
};

function named(shell: Shell, builtin: string, name: string | undefined): Job {
  const job = name === undefined ? shell.jobs.current : shell.jobs.find(name.replace(/^(?=\w)/, "%"));
  if (job === undefined) throw new ShellError(`${builtin}: ${name ?? "current"}: no such job`);
  return job;
}

export const disown: Builtin = (shell, args) => {
  for (const job of [...shell.jobs.all])
    if (args.length === 0 || args.some((name) => shell.jobs.find(name) === job)) shell.jobs.forget(job);
  return 0;
};

export const kill: Builtin = async (shell, args) => {
  if (args[0] === "-l") return list(shell, args.slice(1));
  const { signal, targets } = parse(args);
  if (targets.length === 0)
    throw new ShellError("kill: usage: kill [-s sigspec | -signum] pid | jobspec ...", 2);
  let status = 0;
  for (const target of targets) {
    const trouble = send(shell, target, signal);
    if (trouble === null) continue;
    await shell.complain(`kill: ${trouble}`);
    status = 1;
  }
  // What was killed in this process gets to its end.
  await new Promise((resolve) => setImmediate(resolve));
  return status;
};

function parse(args: string[]): { signal: number; targets: string[] } {
  const [first = "", second = ""] = args;
  if (first === "-s" || first === "-n") return { signal: known(second), targets: args.slice(2) };
  if (first === "--") return { signal: 15, targets: args.slice(1) };
  if (/^-./.test(first))
    return { signal: known(first.slice(1)), targets: args.slice(args[1] === "--" ? 2 : 1) };
  return { signal: 15, targets: args };
}

function known(text: string): number {
  const number = signalNumber(text);
  if (number === undefined) throw new ShellError(`kill: ${text}: invalid signal specification`);
  return number;
}

function send(shell: Shell, target: string, signal: number): string | null {
  const job = shell.jobs.find(target);
  if (job !== undefined) {
    if (job.status !== null) return `(${job.pid}) - No such process`;
    if (signal !== 0) job.kill(signal);
    return null;
  }
  if (!/^-?\d+$/.test(target))
    return target.startsWith("%")
      ? `${target}: no such job`
      : `${target}: arguments must be process or job IDs`;
  try {
    process.kill(Number(target), signal);
    return null;
  } catch (error) {
    return `(${target}) - ${errorText((error as NodeJS.ErrnoException).errno, target)}`;
  }
}

async function list(shell: Shell, names: string[]): Promise<number> {
  for (const name of names) {
    const number = Number(name);
    const answer = Number.isNaN(number)
      ? signalNumber(name)
      : signalName(number > 128 ? number - 128 : number);
    if (answer === undefined) throw new ShellError(`kill: ${name}: invalid signal specification`);
    await shell.write(1, `${answer}\n`);
  }
  if (names.length > 0) return 0;
  const all = Array.from(
    { length: 31 },
    (_, index) => `${String(index + 1).padStart(2)}) SIG${signalName(index + 1)}`,
  );
  await shell.write(1, `${all.join("\n")}\n`);
  return 0;
}
