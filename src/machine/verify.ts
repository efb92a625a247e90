import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { JailUnavailableError } from "../errors/jail-unavailable-error.js";
import { GONE, HIDDEN, look } from "./proc.js";
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
  /** The disk is a file of the host's, which is compared apart from this. */
  isFile?: boolean;
}

const MAX_ROUNDS = 10;
/** Stage 0's filter against io_uring, and the filter of the machine. */
const FILTERS = 2;
/** The machine's own test has to do. */
const unseen: Verification = { verified: "self", uid: null };
const capabilities = ["CapInh", "CapPrm", "CapEff", "CapAmb"];

/**
 * Reads from /proc that each thread of a machine is locked and that it holds no descriptor beyond the
 * expected. Throws JailUnavailableError when it isn't so, and the system's error when it can't be read.
 *
 * No guest code has reached the machine by now, so it doesn't change under this check; threads that
 * Node itself starts or ends meanwhile are looked at until there are no new ones.
 */
export function verifyJail({ pid, diskFd, isFile = false }: Suspect): Verification {
  const own = look(() => readFileSync("/proc/thread-self/status", "latin1"));
  // Without /proc, or with one of another pid namespace, there is nothing to see.
  if (typeof own !== "string" || statusNumber(own, "Tgid") !== process.pid) return unseen;
  const threadsSeen = checkThreads(pid, (statusNumber(own, "Seccomp_filters") ?? 0) + FILTERS);
  const status = look(() => readFileSync(`/proc/${pid}/status`, "latin1"));
  if (!threadsSeen || typeof status !== "string") return unseen;
  if (statusNumber(status, "PPid") !== process.pid) {
    throw new JailUnavailableError("the machine's process is not a child of this one");
  }
  const uid = statusNumber(status, "Uid");
  const descriptors = listDescriptors(pid);
  // A host that may not look into processes of its own user.
  if (descriptors === null) return { verified: "self", uid };
  const surplus = unexpectedDescriptor(descriptors, diskFd, isFile);
  if (surplus !== null) throw new JailUnavailableError(`the machine holds ${surplus}`);
  return { verified: "host", uid };
}

/** Throws unless all threads are locked; false when they can't be seen. */
function checkThreads(pid: number, filters: number): boolean {
  const checked = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const tasks = look(() => readdirSync(`/proc/${pid}/task`));
    if (typeof tasks === "symbol") return false;
    const fresh = tasks.filter((task) => !checked.has(task));
    if (fresh.length === 0) return checked.size > 0;
    for (const task of fresh) {
      const status = look(() => readFileSync(`/proc/${pid}/task/${task}/status`, "latin1"));
      if (status === HIDDEN) return false;
      // A thread may end between the listing and the look.
      if (status !== GONE) checkThread(status, filters);
      checked.add(task);
    }
  }
  throw new JailUnavailableError("the machine's threads could not be listed");
}

/** What the descriptors of a machine are; null when they can't be seen. */
function listDescriptors(pid: number): Map<number, string> | null {
  const names = look(() => readdirSync(`/proc/${pid}/fd`));
  if (typeof names === "symbol") return null;
  const targets = new Map<number, string>();
  for (const name of names) {
    const target = look(() => readlinkSync(`/proc/${pid}/fd/${name}`));
    if (target === HIDDEN) return null;
    if (target !== GONE) targets.set(Number(name), target);
  }
  return targets;
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
  isFile = false,
): string | null {
  const pipeEnds = new Map<string, number>();
  for (const target of targets.values()) pipeEnds.set(target, (pipeEnds.get(target) ?? 0) + 1);
  for (const [fd, target] of targets) {
    if (fd === diskFd && isFile) continue;
    if (!isExpected(fd, target, diskFd, pipeEnds.get(target) ?? 0)) return `descriptor ${fd} (${target})`;
  }
  return null;
}

function isExpected(fd: number, target: string, diskFd: number | null, ends: number): boolean {
  if (fd === 0) return target === "/dev/null";
  if (fd <= 3) return /^(?:socket|pipe):\[\d+\]$/u.test(target);
  // libuv keeps one in reserve for the day that it runs out of descriptors, unless Landlock is in its way.
  if (target === "/dev/null") return true;
  if (fd === diskFd) return target.startsWith("/memfd:");
  if (target === "anon_inode:[eventpoll]" || target === "anon_inode:[eventfd]") return true;
  // libuv's pipes lead from the machine to itself: both ends are there.
  return target.startsWith("pipe:[") && ends > 1;
}
