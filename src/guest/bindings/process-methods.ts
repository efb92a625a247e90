import { EACCES } from "../../syscall/errno.js";
import { deny } from "../denied.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, type Internal, primordials } from "../internals.js";
import type { ProcessClock } from "../process/clock.js";
import type { ProcessEnd } from "../process/end.js";
import type { ProcessUsage } from "../process/usage.js";
import { writeStdioText } from "../stdio.js";
import { codedError, uvException } from "./fs/errors.js";

/** What the working parts of the process give to the binding. */
export interface ProcessParts {
  clock: ProcessClock;
  usage: ProcessUsage;
  end: ProcessEnd;
  kill(pid: number, signal: number): number;
  loadEnvFile(path?: string): void;
  activeHandles(): unknown[];
  activeRequests(): unknown[];
  activeResources(): string[];
}

const { NumberPrototypeToString, ReflectApply } = primordials;
const umaskBits = 0o777;

/** What Node says of a working directory that has been removed. */
const cwdGone =
  "process.cwd failed with error no such file or directory, " +
  "the current working directory was likely removed without changing the working directory";

/** What the `process_methods` binding has in its place. */
export function processMethods(env: GuestEnv, parts: ProcessParts): Record<string, Internal> {
  const { clock, usage, end } = parts;

  function cwd(): string {
    const path = env.cwd();
    if (typeof path === "string") return path;
    const error = uvException(cwd, path, "uv_cwd");
    error.message = `ENOENT: ${cwdGone}, uv_cwd`;
    hideFrames(error, cwd);
    throw error;
  }

  function chdir(path: string): void {
    const before = env.cwd();
    const result = env.permits("chdir", path) ? env.setCwd(path) : -EACCES;
    if (result >= 0) return;
    throw uvException(chdir, result, "chdir", typeof before === "string" ? before : undefined, path);
  }

  function umask(mask?: number): number {
    const before = env.cred.umask;
    if (mask === undefined) return before;
    if (!env.permits("umask", `0o${NumberPrototypeToString(mask & umaskBits, 8)}`)) {
      throw uvException(umask, -EACCES, "umask");
    }
    env.cred.umask = mask & umaskBits;
    return before;
  }

  /** A function that tells about the process, where that may be told. */
  function telling(name: string, tell: (...args: never[]) => unknown) {
    return function told(...args: unknown[]): unknown {
      if (env.permits("usage", name)) return ReflectApply(tell, undefined, args);
      throw uvException(told, -EACCES, name);
    };
  }

  /** As under `--no-addons`, so that packages take what they have for that. */
  function dlopen(): never {
    const message = "Cannot load native addon because loading addons is disabled.";
    throw codedError(dlopen, "Error", "ERR_DLOPEN_DISABLED", message);
  }

  return {
    hrtime: clock.hrtime,
    hrtimeBigInt: clock.hrtimeBigInt,
    uptime: clock.uptime,
    memoryUsage: telling("memoryUsage", usage.memoryUsage),
    rss: telling("memoryUsage", usage.rss),
    constrainedMemory: usage.memoryLimit,
    availableMemory: usage.availableMemory,
    cpuUsage: telling("cpuUsage", usage.cpuUsage),
    resourceUsage: telling("resourceUsage", usage.resourceUsage),
    _getActiveHandles: parts.activeHandles,
    _getActiveRequests: parts.activeRequests,
    getActiveResourcesInfo: parts.activeResources,
    _kill: parts.kill,
    loadEnvFile: parts.loadEnvFile,
    reallyExit: end.exit,
    abort: end.abort,

    cwd,
    chdir,
    umask,
    _rawDebug(text: string): void {
      writeStdioText(env, 2, `${text}\n`);
    },

    dlopen,
    dlopenBinary: deny("process.dlopen"),
    execve: deny("process.execve"),
    _debugProcess: deny("process._debugProcess"),
    _debugEnd: deny("process._debugEnd"),
    causeSegfault: deny("causeSegfault"),
    patchProcessObject: deny("patchProcessObject"),
  };
}
