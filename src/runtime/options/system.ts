import { checkInteger, checkText, readFields, refuse } from "./checks.js";
import type { ResolvedLimits } from "./limits.js";

/** What guest programs are told about the computer that they run on: `node:os`, /proc and what else asks. */
export interface SystemOptions {
  /** Letters, digits, dots and hyphens, up to 64. Default `secure-exec`. */
  hostname?: string | undefined;
  /**
   * Processors, from 1 to 256: `os.cpus().length` and `os.availableParallelism()`. Default 2. What runs at the
   * same time really is a matter of the computer.
   */
  cpus?: number | undefined;
  /** The name of a processor. Default `Virtual CPU`. */
  cpuModel?: string | undefined;
  /** Its speed in MHz, up to 100000. Default 2000. */
  cpuSpeed?: number | undefined;
  /** `os.totalmem()` in bytes, up to 2^53 - 1. Default `limits.machineMemoryBytes`, which alone is a limit. */
  totalMemory?: number | undefined;
  /** `os.release()`. Default `6.1.0`. */
  release?: string | undefined;
  /** `os.version()`. Default `#1 SMP`. */
  version?: string | undefined;
}

/** What a machine is told. Where a field is missing the guest has a default. */
export interface ResolvedSystem {
  hostname: string;
  facts: Omit<SystemOptions, "hostname"> & { totalMemory: number };
}

const keys = ["hostname", "cpus", "cpuModel", "cpuSpeed", "totalMemory", "release", "version"] as const;

const HOSTNAME = "secure-exec";
const MAX_TEXT = 64;
const hostnamePattern = /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/i;

/** Checks the option `os`. */
export function checkSystem(value: unknown, limits: ResolvedLimits): ResolvedSystem {
  const given = readFields(value, "os", keys, "os.");
  const facts: ResolvedSystem["facts"] = { totalMemory: limits.machineMemoryBytes };
  if (given.cpus !== undefined)
    facts.cpus = checkInteger(given.cpus, "os.cpus", { min: 1, max: 256, unit: "processors" });
  if (given.cpuSpeed !== undefined)
    facts.cpuSpeed = checkInteger(given.cpuSpeed, "os.cpuSpeed", { min: 1, max: 100_000, unit: "MHz" });
  if (given.totalMemory !== undefined) {
    const range = { min: 1, max: Number.MAX_SAFE_INTEGER, unit: "bytes" };
    facts.totalMemory = checkInteger(given.totalMemory, "os.totalMemory", range);
  }
  for (const key of ["cpuModel", "release", "version"] as const)
    if (given[key] !== undefined) facts[key] = checkLine(given[key], `os.${key}`);
  return { hostname: given.hostname === undefined ? HOSTNAME : checkHostname(given.hostname), facts };
}

function checkHostname(value: unknown): string {
  if (typeof value === "string" && hostnamePattern.test(value)) return value;
  return refuse("os.hostname", "a name of up to 64 letters, digits, dots and hyphens", value);
}

/** It becomes part of a line in /proc. */
function checkLine(value: unknown, key: string): string {
  const text = checkText(value, key);
  if (text.length > 0 && text.length <= MAX_TEXT && /^[\x20-\x7e]+$/.test(text)) return text;
  return refuse(key, `1 to ${MAX_TEXT} printable ASCII characters`, value);
}
