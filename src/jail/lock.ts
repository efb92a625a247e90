/**
 * Locks this process for good: afterwards no thread of it, present or to come, reaches anything but the
 * memory and the descriptors that it has. Guest code may run only after this has returned.
 *
 * How the host learns of it: `/proc/<pid>/task/<tid>/status` shows `Seccomp_filters` two above the
 * host's own on every thread (stage 0's filter and this one). `Seccomp: 2` alone does not tell, since
 * stage 0's filter gives that too.
 */
import { readdirSync, readlinkSync } from "node:fs";
import { assertNoCapabilities } from "./capabilities.js";
import { JailError } from "./jail-error.js";
import { allocate, cString, syscall } from "./native.js";
import { dieWithParent, isWireHungUp } from "./parent.js";
import { RLIMIT_FSIZE, setResourceLimit } from "./resource-limits.js";
import { ENOSYS, EPERM } from "./seccomp/actions.js";
import { nativeArchitecture, type SyscallName, syscallNumber } from "./seccomp/architecture.js";
import { installFilter } from "./seccomp/install.js";
import { machineProgram } from "./seccomp/program.js";

const PR_GET_SECCOMP = 21;
const PR_GET_NO_NEW_PRIVS = 39;
const SECCOMP_MODE_FILTER = 2;
const AT_FDCWD = -100;
const AF_UNIX = 1;
const SOCK_STREAM = 1;

export interface Lock {
  /** How long the filter is. */
  readonly instructions: number;
}

/**
 * Locks the machine. The caller has loaded all that it will ever load, opened its wire, mapped the disk
 * and gone to `/`. Throws a JailError when any layer is not in place; the caller then exits at once.
 */
export function lockMachine(): Lock {
  assertStage0();
  assertNoRing();
  dieWithParent();
  if (isWireHungUp()) throw new JailError("wire", "the host is gone");
  // Stage 0 left the hard limit open, so that the disk could be given its size.
  setResourceLimit(RLIMIT_FSIZE, { soft: 0n, hard: 0n });
  const instructions = installFilter(machineProgram(nativeArchitecture(), process.pid), "all");
  assertLocked();
  return { instructions };
}

function assertStage0(): void {
  const prctl = syscallNumber("prctl");
  if (syscall(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) !== 1) {
    throw new JailError("stage 0", "new privileges can be had");
  }
  if (syscall(prctl, PR_GET_SECCOMP, 0, 0, 0, 0) !== SECCOMP_MODE_FILTER) {
    throw new JailError("stage 0", "its filter is not in force");
  }
  assertNoCapabilities();
}

/** An io_uring of libuv would carry out calls that no filter sees. */
function assertNoRing(): void {
  // While this answers ENOSYS, as it has done since before Node started, no ring can have been made.
  if (syscall(syscallNumber("io_uring_setup"), 0, 0) !== -ENOSYS) {
    throw new JailError("io_uring", "it is not denied");
  }
  for (const link of ownDescriptors()) {
    if (link.includes("io_uring")) throw new JailError("io_uring", "a ring is open");
  }
}

/** What the descriptors of this process are, as far as /proc shows it here. */
function ownDescriptors(): string[] {
  const directory = "/proc/self/fd";
  try {
    return readdirSync(directory).map((name) => {
      try {
        return readlinkSync(`${directory}/${name}`);
      } catch {
        return ""; // the listing's own descriptor, closed again
      }
    });
  } catch {
    return []; // no /proc, or not for this process
  }
}

/** Calls that would do something, or nothing but answer otherwise, if the filter were not there. */
function assertLocked(): void {
  const answers: readonly [SyscallName, number, ...(number | bigint)[]][] = [
    ["openat", EPERM, AT_FDCWD, cString("/")],
    ["socket", EPERM, AF_UNIX, SOCK_STREAM],
    ["prctl", EPERM, PR_GET_SECCOMP],
    ["prlimit64", EPERM, 0, RLIMIT_FSIZE, allocate(16).address],
    ["clone3", ENOSYS],
  ];
  for (const [name, code, ...args] of answers) {
    const answer = syscall(syscallNumber(name), ...args);
    if (answer !== -code) throw new JailError("self-test", `${name} answered ${answer}`);
  }
}
