import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { JailUnavailableError } from "../errors/jail-unavailable-error.js";
import { statusField, statusNumber } from "./status.js";

/** What the host found out about a machine by itself. */
export interface Verification {
  /** `self` when this host has no /proc to look in: the machine's own test has to do. */
  verified: "host" | "self";
  uid: number | null;
}

/** What is to be verified. */
export interface Suspect {
  pid: number;
  /** The descriptor that it says its disk is; null for none. */
  diskFd: number | null;
}

const MAX_ROUNDS = 10;
/** Stage 0's filter against io_uring, and the filter of the machine. */
const FILTERS = 2;
const capabilities = ["CapInh", "CapPrm", "CapEff", "CapAmb"];

/**
 * Reads from /proc that each thread of a machine is locked and that it holds no descriptor beyond the
 * expected. Throws JailUnavailableError when it isn't so.
 *
 * No guest code has reached the machine by now, so it doesn't change under this check; threads that
 * Node itself starts or ends meanwhile are looked at until there are no new ones.
 */
export function verifyJail({ pid, diskFd }: Suspect): Verification {
  const own = ownStatus();
  if (own === null) return { verified: "self", uid: null };
  const filters = (statusNumber(own, "Seccomp_filters") ?? 0) + FILTERS;
  const checked = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const tasks = listing(`/proc/${pid}/task`);
    if (tasks === null) return { verified: "self", uid: null };
    const fresh = tasks.filter((task) => !checked.has(task));
    if (fresh.length === 0 && checked.size > 0) return finish(pid, diskFd);
    for (const task of fresh) {
      checked.add(task);
      const status = read(`/proc/${pid}/task/${task}/status`);
      // A thread may end between the two reads.
      if (status !== null) checkThread(status, filters);
    }
  }
  throw new JailUnavailableError("the machine's threads could not be listed");
}

/** The status of this very thread; null unless /proc is there and is of this pid namespace. */
function ownStatus(): string | null {
  const status = read("/proc/thread-self/status");
  if (status === null || statusNumber(status, "Tgid") !== process.pid) return null;
  return status;
}

function finish(pid: number, diskFd: number | null): Verification {
  const status = read(`/proc/${pid}/status`);
  if (status === null) return { verified: "self", uid: null };
  if (statusNumber(status, "PPid") !== process.pid) {
    throw new JailUnavailableError("the machine's process is not a child of this one");
  }
  const descriptors = listing(`/proc/${pid}/fd`);
  // A host that may not look into processes of its own user.
  if (descriptors === null) return { verified: "self", uid: statusNumber(status, "Uid") };
  const targets = new Map<number, string>();
  for (const descriptor of descriptors) {
    const target = link(`/proc/${pid}/fd/${descriptor}`);
    if (target !== null) targets.set(Number(descriptor), target);
  }
  const surplus = unexpectedDescriptor(targets, diskFd);
  if (surplus !== null) throw new JailUnavailableError(`the machine holds ${surplus}`);
  return { verified: "host", uid: statusNumber(status, "Uid") };
}

/** Throws unless a thread is locked. */
export function checkThread(status: string, filters: number): void {
  const name = statusField(status, "Name") ?? "";
  const fail = (what: string): never => {
    throw new JailUnavailableError(`the machine's thread ${JSON.stringify(name)} ${what}`);
  };
  if (statusNumber(status, "Seccomp") !== 2) fail("runs without a seccomp filter");
  // Kernels before 5.9 don't tell how many filters there are.
  const installed = statusNumber(status, "Seccomp_filters");
  if (installed !== null && installed < filters)
    fail(`has ${installed} seccomp filters in place of ${filters}`);
  if (statusNumber(status, "NoNewPrivs") !== 1) fail("may gain privileges");
  for (const capability of capabilities) {
    if (!/^0+$/u.test(statusField(status, capability) ?? "0")) fail(`holds capabilities (${capability})`);
  }
}

/** Names the first descriptor that a machine has no use for. */
export function unexpectedDescriptor(
  targets: ReadonlyMap<number, string>,
  diskFd: number | null,
): string | null {
  const pipeEnds = new Map<string, number>();
  for (const target of targets.values()) pipeEnds.set(target, (pipeEnds.get(target) ?? 0) + 1);
  for (const [fd, target] of targets) {
    if (!isExpected(fd, target, diskFd, pipeEnds.get(target) ?? 0)) return `descriptor ${fd} (${target})`;
  }
  return null;
}

function isExpected(fd: number, target: string, diskFd: number | null, ends: number): boolean {
  if (fd === 0) return target === "/dev/null";
  if (fd <= 3) return /^(?:socket|pipe):\[\d+\]$/u.test(target);
  if (fd === diskFd) return target.startsWith("/memfd:");
  if (target === "anon_inode:[eventpoll]" || target === "anon_inode:[eventfd]") return true;
  // libuv's pipes lead from the machine to itself: both ends are there.
  return target.startsWith("pipe:[") && ends > 1;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

function listing(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
