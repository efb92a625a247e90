import type { HeapLimits } from "./guest-thread.js";
import type { OptionWish } from "./node-options/worker.js";

/** What a thread asks of one that it makes. */
export interface ThreadWish extends OptionWish {
  /** Null where it is content with those of every other. */
  limits: HeapLimits | null;
}

interface Range {
  min: number;
  max: number;
  /** What the boot takes of it. */
  boot: number;
}

/** V8's limits in the order of Node's binding, and what they may be, in MiB. */
const ranges: readonly [keyof HeapLimits, Range][] = [
  ["maxYoungGenerationSizeMb", { min: 1, max: 256, boot: 0 }],
  ["maxOldGenerationSizeMb", { min: 4, max: 1280, boot: 2 }],
  ["codeRangeSizeMb", { min: 1, max: 512, boot: 0 }],
  ["stackSizeMb", { min: 0.5, max: 64, boot: 0 }],
];

/** Reads what a guest has written; null when it is none of ours. */
export function readWish(bytes: Uint8Array): ThreadWish | null {
  const wish = parse(bytes) as { [name in keyof ThreadWish]: unknown } | null;
  if (typeof wish !== "object" || wish === null) return null;
  const { execArgv, env, isCopy, limits } = wish;
  if (execArgv !== null && !isTexts(execArgv)) return null;
  if (env !== null && (typeof env !== "object" || !isTexts(Object.values(env as object)))) return null;
  if (!Array.isArray(limits)) return null;
  const variables = env as Record<string, string> | null;
  return { execArgv, env: variables, isCopy: isCopy === true, limits: readLimits(limits) };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return null;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function readLimits(values: unknown[]): HeapLimits | null {
  const limits: HeapLimits = {};
  ranges.forEach(([name, { min, max, boot }], i) => {
    const value = values[i];
    if (typeof value === "number" && value > 0) limits[name] = Math.min(max, Math.max(min, value)) + boot;
  });
  return Object.keys(limits).length > 0 ? limits : null;
}
