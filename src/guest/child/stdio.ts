import { EINVAL } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { type Internal, primordials } from "../internals.js";
import { openPair, openPipe } from "./pipes.js";

const { ArrayPrototypePush } = primordials;

/** What a process gets as its descriptors, and what this one keeps of it. */
export interface ChildStdio {
  /** Per descriptor of the child a descriptor of this process, or -1. */
  given: number[];
  /** Descriptors that were opened for the child alone. */
  temporary: number[];
  /** Per descriptor of the child this process's end of the pipe to it, or -1. */
  kept: number[];
}

/** Which way bytes go over a pipe to a child. */
type Direction = "in" | "out" | "both";

/** Closes the descriptors that are only the child's. */
export function closeAll(env: GuestEnv, descriptors: readonly number[]): void {
  for (let i = 0; i < descriptors.length; i++) {
    const fd = descriptors[i] as number;
    if (fd < 0) continue;
    const value = env.fds.free(fd);
    if (value >= 0) env.disk.close(value);
  }
}

/** Opens what `child_process` describes; a negative errno leaves nothing open. */
export function openStdio(
  env: GuestEnv,
  described: readonly Internal[],
  direction: (index: number, entry: Internal) => Direction,
): ChildStdio | number {
  const stdio: ChildStdio = { given: [], temporary: [], kept: [] };
  for (let i = 0; i < described.length; i++) {
    const result = openOne(env, described[i] as Internal, direction(i, described[i]), stdio);
    if (result >= 0) continue;
    closeAll(env, stdio.temporary);
    closeAll(env, stdio.kept);
    return result;
  }
  return stdio;
}

function openOne(env: GuestEnv, entry: Internal, direction: Direction, stdio: ChildStdio): number {
  let given = -1;
  let kept = -1;
  switch (entry.type) {
    case "ignore":
      given = openNull(env);
      if (given < 0) return given;
      ArrayPrototypePush(stdio.temporary, given);
      break;
    case "pipe":
    case "overlapped": {
      const ends = direction === "both" ? openPair(env) : openPipe(env);
      if (typeof ends === "number") return ends;
      given = direction === "out" ? ends[0] : ends[1];
      kept = direction === "out" ? ends[1] : ends[0];
      ArrayPrototypePush(stdio.temporary, given);
      break;
    }
    case "wrap":
      given = entry.handle?.fd ?? entry.wrapType?.fd ?? -EINVAL;
      if (given < 0) return -EINVAL;
      break;
    default:
      given = entry.fd;
  }
  ArrayPrototypePush(stdio.given, given);
  ArrayPrototypePush(stdio.kept, kept);
  return 0;
}

const O_RDWR = 2;

function openNull({ disk, fds }: GuestEnv): number {
  const file = disk.open("/dev/null", O_RDWR, 0);
  if (file < 0) return file;
  const fd = fds.alloc(file);
  if (fd < 0) disk.close(file);
  return fd;
}
