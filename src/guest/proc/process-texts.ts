/** The files of /proc/<pid>, of which the process sees only its own. */
import type { GuestEnv } from "../env.js";
import { primordials } from "../internals.js";
import type { ProcessUsage } from "../process/usage.js";
import type { ProcessState } from "../process-state.js";
import type { Texts } from "./system-texts.js";

const {
  ArrayPrototypeJoin,
  Float64Array: Doubles,
  MathFloor,
  NumberPrototypeToString,
  ObjectKeys,
} = primordials;
const { StringPrototypePadEnd, StringPrototypePadStart } = primordials;

export const EXECUTABLE = "/usr/local/bin/node";
const NAME = "node";
const PAGE = 4096;
const NO_SIGNALS = "0000000000000000";
/** Microseconds of a tick, which Linux counts the time of processes in. */
const TICK = 10_000;

/** The path of each below /proc, with `process` for the process's number. */
export function processTexts(env: GuestEnv, state: ProcessState, usage: ProcessUsage): Texts {
  return {
    __proto__: null as never,
    "process/cgroup": () => "0::/\n",
    "process/cmdline": () => `${EXECUTABLE}\0${zeroEnded(state.execArgv)}${zeroEnded(state.args)}`,
    "process/comm": () => `${NAME}\n`,
    "process/environ": () => environ(state.environment),
    "process/limits": () => limits(env.fds.limit),
    "process/mountinfo": () =>
      "1 0 0:1 / / rw,relatime - tmpfs secure-exec rw\n" +
      "2 1 0:2 / /proc rw,relatime - proc proc rw,hidepid=invisible\n",
    "process/mounts": () =>
      "secure-exec / tmpfs rw,relatime 0 0\nproc /proc proc rw,relatime,hidepid=invisible 0 0\n",
    "process/stat": () => stat(state, usage),
    "process/statm": () => {
      const pages = MathFloor(usage.rss() / PAGE);
      return `${pages} ${pages} 0 0 0 ${pages} 0\n`;
    },
    "process/status": () => status(env, state, usage),
  };
}

function zeroEnded(words: readonly string[]): string {
  return words.length === 0 ? "" : `${ArrayPrototypeJoin(words, "\0")}\0`;
}

function environ(environment: Readonly<Record<string, string>>): string {
  const names: string[] = ObjectKeys(environment);
  let text = "";
  for (let i = 0; i < names.length; i++) text += `${names[i]}=${environment[names[i] as string]}\0`;
  return text;
}

function limits(openFiles: number): string {
  const row = (name: string, soft: string, hard: string, unit: string) =>
    `${StringPrototypePadEnd(name, 26)}${StringPrototypePadEnd(soft, 21)}` +
    `${StringPrototypePadEnd(hard, 21)}${StringPrototypePadEnd(unit, 10)}\n`;
  return (
    row("Limit", "Soft Limit", "Hard Limit", "Units") +
    row("Max cpu time", "unlimited", "unlimited", "seconds") +
    row("Max file size", "unlimited", "unlimited", "bytes") +
    row("Max open files", `${openFiles}`, `${openFiles}`, "files")
  );
}

function stat(state: ProcessState, usage: ProcessUsage): string {
  const cpu = new Doubles(2);
  usage.cpuUsage(cpu);
  const ticks = (index: number) => MathFloor(cpu[index] / TICK);
  const { pid, ppid } = state;
  const rss = usage.rss();
  const started = MathFloor((state.startTime - state.bootTime) / 10);
  const head = `${pid} (${NAME}) R ${ppid} ${pid} ${pid} 0 -1 0 0 0 0 0 ${ticks(0)} ${ticks(1)} 0 0 20 0 1 0`;
  return `${head} ${started} ${rss} ${MathFloor(rss / PAGE)} 18446744073709551615${" 0".repeat(27)}\n`;
}

function status(env: GuestEnv, state: ProcessState, usage: ProcessUsage): string {
  const { uid, gid, umask } = env.cred;
  const { pid, ppid } = state;
  const rss = StringPrototypePadStart(`${MathFloor(usage.rss() / 1024)}`, 8);
  return (
    `Name:\t${NAME}\nUmask:\t${StringPrototypePadStart(NumberPrototypeToString(umask, 8), 4, "0")}\n` +
    `State:\tR (running)\nTgid:\t${pid}\nNgid:\t0\nPid:\t${pid}\nPPid:\t${ppid}\nTracerPid:\t0\n` +
    `Uid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t${gid}\t${gid}\t${gid}\t${gid}\n` +
    `FDSize:\t64\nGroups:\t${gid} \nVmSize:\t${rss} kB\nVmRSS:\t${rss} kB\nThreads:\t1\n` +
    `SigPnd:\t${NO_SIGNALS}\nShdPnd:\t${NO_SIGNALS}\nSigBlk:\t${NO_SIGNALS}\n` +
    `CapInh:\t${NO_SIGNALS}\nCapPrm:\t${NO_SIGNALS}\nCapEff:\t${NO_SIGNALS}\nCapBnd:\t${NO_SIGNALS}\n` +
    "NoNewPrivs:\t1\nSeccomp:\t2\n"
  );
}
