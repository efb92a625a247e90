/** Resource limits of this process. */
import { JailError } from "./jail-error.js";
import { allocate, syscall } from "./native.js";
import { syscallNumber } from "./seccomp/architecture.js";

// The same on x64 and arm64 (asm-generic/resource.h).
export const RLIMIT_FSIZE = 1;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_MSGQUEUE = 12;

export interface ResourceLimit {
  soft: bigint;
  hard: bigint;
}

export function getResourceLimit(resource: number): ResourceLimit {
  const { view, address } = allocate(16);
  const result = syscall(syscallNumber("prlimit64"), 0, resource, 0, address);
  if (result !== 0) throw new JailError("prlimit64", `limit ${resource} is unreadable (${result})`);
  return { soft: view.getBigUint64(0, true), hard: view.getBigUint64(8, true) };
}

export function setResourceLimit(resource: number, { soft, hard }: ResourceLimit): void {
  const { view, address } = allocate(16);
  view.setBigUint64(0, soft, true);
  view.setBigUint64(8, hard, true);
  const result = syscall(syscallNumber("prlimit64"), 0, resource, address, 0);
  if (result !== 0) throw new JailError("prlimit64", `limit ${resource} was not set (${result})`);
}
