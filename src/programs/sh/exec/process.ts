import type { ChildProcess, StdioOptions } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { errorText } from "../../errors.js";
import type { Descriptor } from "../../io/descriptor.js";
import type { Killed } from "../errors.js";
import { Job } from "../jobs.js";
import type { Shell } from "../shell.js";
import { followStops, hasTerminal, waitInForeground } from "./foreground.js";

const CHUNK = 64 * 1024;

/** Runs a program as a process of its own, with the shell's descriptors. */
export async function runProcess(
  shell: Shell,
  file: string,
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<number> {
  const last = Math.max(2, ...shell.descriptors.keys());
  const places = Array.from({ length: last + 1 }, (_, number) => shell.descriptors.get(number));
  const stdio: StdioOptions = places.map((descriptor) => {
    if (descriptor === undefined) return "ignore";
    return descriptor.fd ?? "pipe";
  });
  // Loaded by who needs it: most scripts run nothing but commands of this package.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const foreground = hasTerminal(shell);
  const detached = shell.background || foreground;
  const child = spawn(file, args, { argv0: name, cwd: shell.cwd, env, stdio, detached });
  const ended = settle(shell, name, child, places, detached);
  if (child.pid === undefined) return ended;
  shell.onStart?.(child.pid);
  if (!foreground) {
    followStops(child, (signal) => shell.onStop?.(signal));
    return ended;
  }
  const text = [name, ...args].join(" ");
  const job = new Job({ pid: child.pid, text, ended, kill: (signal) => child.kill(signal) });
  followStops(child, (signal) => job.halt(signal));
  return waitInForeground(shell, job);
}

/** Sees a program to its end, and answers its status. */
async function settle(
  shell: Shell,
  name: string,
  child: ChildProcess,
  places: readonly (Descriptor | undefined)[],
  detached: boolean,
): Promise<number> {
  const ended = endOf(child);
  const { signal } = shell.abort;
  const kill = () => {
    const { typed, signal: number } = signal.reason as Killed;
    if (!typed || detached) child.kill(number);
  };
  signal.addEventListener("abort", kill);
  const carried = places.map((descriptor, number) => carry(child, descriptor, number));
  try {
    const { code, signalled, error } = await ended;
    if (error !== null) return await cannotRun(shell, name, error);
    // What it has written is to be there before what the shell writes next.
    await Promise.all(carried);
    return code ?? 128 + constants.signals[signalled as NodeJS.Signals];
  } finally {
    signal.removeEventListener("abort", kill);
    signal.throwIfAborted();
  }
}

interface End {
  code: number | null;
  signalled: NodeJS.Signals | null;
  error: NodeJS.ErrnoException | null;
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signalled: null, error }));
    child.once("exit", (code, signalled) => resolve({ code, signalled, error: null }));
  });
}

async function cannotRun(shell: Shell, name: string, error: NodeJS.ErrnoException): Promise<number> {
  await shell.complain(`${name}: ${errorText(error.errno, String(error.code))}`);
  return error.code === "ENOENT" ? 127 : 126;
}

/** Carries the bytes of a pipe of this process to or from the child. */
async function carry(child: ChildProcess, descriptor: Descriptor | undefined, number: number): Promise<void> {
  const stream = child.stdio[number];
  if (descriptor === undefined || stream === null || stream === undefined) return;
  if (descriptor.carries === "in") feed(child, descriptor.retain(), stream as Writable);
  else await drain(descriptor.retain(), stream as Readable);
}

/** Reads on until the child ends; what it didn't take is for the next reader. */
async function feed(child: ChildProcess, descriptor: Descriptor, stream: Writable): Promise<void> {
  stream.on("error", () => undefined);
  const running = () => child.exitCode === null && child.signalCode === null && stream.writable;
  try {
    while (running()) {
      const chunk = await descriptor.read(CHUNK);
      if (chunk === null) break;
      if (!running()) descriptor.unread(chunk);
      else if (!stream.write(chunk)) await writable(child, stream);
    }
  } finally {
    stream.end();
    descriptor.release();
  }
}

function writable(child: ChildProcess, stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      child.off("exit", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
    child.once("exit", done);
  });
}

/** To the end of what the child, or who inherited from it, writes; nobody reading any more ends it early. */
async function drain(descriptor: Descriptor, stream: Readable): Promise<void> {
  try {
    for await (const chunk of stream) await descriptor.write(chunk as Buffer);
  } catch {
    stream.destroy();
  } finally {
    descriptor.release();
  }
}
