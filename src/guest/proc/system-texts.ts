/** The files of /proc that are about the machine. They say what `os` says, and nothing of the computer. */

import { type Internal, internalBinding, primordials } from "../internals.js";
import { fillRandom } from "../random.js";

const { ArrayPrototypeJoin, ArrayPrototypePush, MathFloor, NumberPrototypeToFixed, NumberPrototypeToString } =
  primordials;
const { StringPrototypePadStart, StringPrototypeSlice } = primordials;
const Bytes = Uint8Array;
const Doubles = Float64Array;

/** In `getCPUs`: model, speed, and the milliseconds in user, nice, sys, idle and irq. */
const CPU_FIELDS = 7;
/** What Linux counts the time of processors in. */
const TICK = 10;

export type Texts = Record<string, () => string>;

/** By the path below /proc. */
export function systemTexts(): Texts {
  const os: Internal = internalBinding("os");
  const release = () => os["getOSInformation"]()[2] as string;
  const version = () => os["getOSInformation"]()[1] as string;
  return {
    __proto__: null as never,
    cpuinfo: () => cpuInfo(os["getCPUs"]()),
    filesystems: () => "nodev\tproc\nnodev\ttmpfs\n",
    loadavg: () => loadAverage(os),
    meminfo: () => memoryInfo(os["getTotalMem"](), os["getFreeMem"]()),
    stat: () => processorTimes(os["getCPUs"]()),
    uptime: () => `${fixed(os["getUptime"]())} ${fixed(os["getUptime"]())}\n`,
    version: () => `Linux version ${release()} (secure-exec) ${version()}\n`,
    "sys/kernel/hostname": () => `${os["getHostname"]()}\n`,
    "sys/kernel/osrelease": () => `${release()}\n`,
    "sys/kernel/ostype": () => "Linux\n",
    "sys/kernel/pid_max": () => "32768\n",
    "sys/kernel/random/uuid": () => `${randomUuid()}\n`,
    "sys/kernel/version": () => `${version()}\n`,
  };
}

function fixed(value: number): string {
  return NumberPrototypeToFixed(value, 2);
}

function cpuInfo(cpus: Internal[]): string {
  const lines: string[] = [];
  for (let i = 0; i < cpus.length; i += CPU_FIELDS) {
    ArrayPrototypePush(lines, `processor\t: ${i / CPU_FIELDS}`, `model name\t: ${cpus[i]}`);
    ArrayPrototypePush(lines, `cpu MHz\t\t: ${NumberPrototypeToFixed(cpus[i + 1], 3)}`, "");
  }
  return `${ArrayPrototypeJoin(lines, "\n")}\n`;
}

function processorTimes(cpus: Internal[]): string {
  const lines: string[] = [];
  const total = [0, 0, 0, 0, 0];
  for (let i = 0; i < cpus.length; i += CPU_FIELDS) {
    let line = `cpu${i / CPU_FIELDS}`;
    for (let field = 0; field < 5; field++) {
      const ticks: number = MathFloor(cpus[i + 2 + field] / TICK);
      total[field] = (total[field] as number) + ticks;
      line += ` ${ticks}`;
    }
    ArrayPrototypePush(lines, `${line} 0 0 0 0 0`);
  }
  return `cpu  ${ArrayPrototypeJoin(total, " ")} 0 0 0 0 0\n${ArrayPrototypeJoin(lines, "\n")}\n`;
}

function loadAverage(os: Internal): string {
  const averages = new Doubles(3);
  os["getLoadAvg"](averages);
  const at = (index: number) => fixed(averages[index] as number);
  return `${at(0)} ${at(1)} ${at(2)} 1/1 1\n`;
}

function memoryInfo(total: number, free: number): string {
  const line = (name: string, bytes: number) =>
    `${name}:${StringPrototypePadStart(`${MathFloor(bytes / 1024)}`, 23 - name.length)} kB\n`;
  return (
    line("MemTotal", total) +
    line("MemFree", free) +
    line("MemAvailable", free) +
    line("Buffers", 0) +
    line("Cached", 0) +
    line("SwapTotal", 0) +
    line("SwapFree", 0)
  );
}

function randomUuid(): string {
  const bytes = new Bytes(16);
  fillRandom(bytes, 0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  let hex = "";
  for (let i = 0; i < 16; i++) hex += StringPrototypePadStart(NumberPrototypeToString(bytes[i], 16), 2, "0");
  const part = (start: number, end: number) => StringPrototypeSlice(hex, start, end);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}
