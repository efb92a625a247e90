import { MAX_OPEN_FILES } from "../../syscall/process-page.js";

/** A command, as `execvp` takes it. */
export interface Command {
  /** The program: a path, or a name that PATH leads to. */
  file: string;
  /** With the name that the program is called by in front. */
  args: string[];
  env: Record<string, string>;
  /** Absolute. */
  cwd: string;
}

/** What a guest asks for as it starts a process. */
export interface SpawnRequest extends Command {
  /** Per descriptor of the process to come: the caller's descriptor, or -1 for none. */
  stdio: number[];
  /** Whether it leads a process group of its own. */
  detached: boolean;
}

/** The most bytes of a request: what Linux allows of arguments and environment. */
export const MAX_REQUEST = 2 * 1024 * 1024;

/** The request that a guest's bytes say; null where they say none. */
export function parseRequest(bytes: Buffer): SpawnRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
  const { file, args, env, cwd, stdio, detached } = (value ?? {}) as Record<string, unknown>;
  if (!isText(file) || !isText(cwd) || typeof detached !== "boolean") return null;
  if (!Array.isArray(args) || !args.every(isText) || !isEnvironment(env)) return null;
  if (!Array.isArray(stdio) || stdio.length > MAX_OPEN_FILES || !stdio.every(Number.isInteger)) return null;
  return { file, args, env, cwd, stdio, detached };
}

/** No name, argument or value of Linux has a NUL in it. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function isEnvironment(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.entries(value).flat().every(isText);
}
