/**
 * Stage 0 in TypeScript: what stage0.c does, for where no static binary of it is to be had, and as the
 * measure that the tests hold the binary to. It runs under the pinned Node and then becomes the
 * machine's. The threads that Node has started here die by that exec; what counts is done to this one.
 */
import { fstatSync, writeFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { parseArgs } from "node:util";
import { dropCapabilities } from "../capabilities.js";
import { JailError } from "../jail-error.js";
import { syscall } from "../native.js";
import { dieWithParent, isWireHungUp, WIRE } from "../parent.js";
import {
  getResourceLimit,
  RLIMIT_CORE,
  RLIMIT_FSIZE,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE,
  RLIMIT_NOFILE,
  RLIMIT_STACK,
  setResourceLimit,
} from "../resource-limits.js";
import { nativeArchitecture, syscallNumber } from "../seccomp/architecture.js";
import { installFilter } from "../seccomp/install.js";
import { preFilterProgram } from "../seccomp/program.js";
import { type Failure, failures } from "./failures.js";
import { restrictFiles } from "./landlock.js";

const CLOSE_RANGE_CLOEXEC = 4;
const LAST_DESCRIPTOR = 0xffffffff;
const F_SETFD = 2;
const PR_SET_NO_NEW_PRIVS = 38;
const RLIM_INFINITY = 0xffffffffffffffffn;
const MIB = 1n << 20n;

interface Arguments {
  kept: number;
  parent: number;
  landlock: boolean;
  read: string[];
  command: [node: string, ...args: string[]];
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    options: {
      kept: { type: "string", short: "k", default: "0" },
      parent: { type: "string", short: "p", default: "0" },
      "no-landlock": { type: "boolean", short: "n", default: false },
      read: { type: "string", short: "r", multiple: true, default: [] },
    },
    allowPositionals: true,
  });
  const kept = Number(values.kept);
  const parent = Number(values.parent);
  const [node, ...args] = positionals;
  if (!(kept > WIRE) || !(parent > 0) || node === undefined) throw new JailError("usage", "-k -p -r --");
  return { kept, parent, landlock: !values["no-landlock"], read: values.read, command: [node, ...args] };
}

/** The machine has what it is given and nothing else of what its host had open. */
function keepDescriptors(kept: number): void {
  for (let fd = 0; fd < kept; fd += 1) {
    // A descriptor that was not given may be one of Node's own here: those are neither.
    const status = fstatSync(fd);
    if (fd === WIRE && !status.isSocket()) throw new JailError("descriptor", "the wire is no socket");
    if (fd > WIRE && !status.isFile()) throw new JailError("descriptor", "the disk is no file");
    // Node marks every descriptor that it inherits to be closed on exec.
    const result = syscall(syscallNumber("fcntl"), fd, F_SETFD, 0);
    if (result !== 0) throw new JailError("descriptor", `${fd} is missing (${result})`);
    // A terminal is a way to its user: keys could be read, answers typed.
    if (isatty(fd)) throw new JailError("descriptor", `${fd} is a terminal`);
  }
  const result = syscall(syscallNumber("close_range"), kept, LAST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC);
  if (result !== 0) throw new JailError("close_range", String(result));
}

/** When memory runs out, a machine is to die before its host. Raising one's own score is anybody's right. */
function volunteerForOom(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // best effort; the host reads the result in /proc
  }
}

function limit(resource: number, soft: bigint, hard: bigint): void {
  const highest = getResourceLimit(resource).hard;
  const allowed = hard < highest ? hard : highest;
  setResourceLimit(resource, { soft: soft < allowed ? soft : allowed, hard: allowed });
}

function limitResources(): void {
  // No dump of the machine's memory. 0 would keep files away; a handler in core_pattern only heeds 1.
  limit(RLIMIT_CORE, 1n, 1n);
  limit(RLIMIT_FSIZE, 0n, RLIM_INFINITY); // hard as well once the disk has its size: see lock.ts
  limit(RLIMIT_MEMLOCK, 0n, 0n);
  limit(RLIMIT_MSGQUEUE, 0n, 0n);
  limit(RLIMIT_NOFILE, 1024n, 1024n);
  // Thread stacks, and how addresses are laid out, must not hang on the user's shell.
  limit(RLIMIT_STACK, 8n * MIB, 8n * MIB);
}

function dropPrivileges(): void {
  dropCapabilities();
  // From here exec gives nothing back: not to root, not by setuid files.
  const result = syscall(syscallNumber("prctl"), PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result !== 0) throw new JailError("no_new_privs", String(result));
}

/** The machine dies with its host. A host that died before the signal was set has left its marks. */
function dieWith(parent: number): void {
  dieWithParent();
  if (process.ppid !== parent) throw new JailError("parent", "the host is not the parent");
  if (isWireHungUp()) throw new JailError("wire", "the host has hung up");
}

/** Does one step; when it fails the process ends, with the step's exit code and a line on fd 2. */
function step<T>(failure: Failure, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    try {
      writeSync(2, `stage 0: ${reason}\n`);
    } catch {
      // nobody is there to read it
    }
    // At once: an exit in good order would use the ring that libuv has here, which may be denied by now.
    syscall(syscallNumber("exit_group"), failures[failure]);
    throw error;
  }
}

const { kept, parent, landlock, read, command } = step("usage", readArguments);
step("descriptors", () => keepDescriptors(kept));
// A Ctrl-C in the host's terminal is for the host, which may want to end in good order.
syscall(syscallNumber("setsid"));
process.umask(0o077);
volunteerForOom();
step("limits", limitResources);
step("privileges", dropPrivileges);
const version = landlock ? step("landlock", () => restrictFiles(read)) : 0;
step("seccomp", () => installFilter(preFilterProgram(nativeArchitecture()), "this"));
step("orphan", () => dieWith(parent));
step("exec", () => {
  const environment = { ...process.env, SECURE_EXEC_LANDLOCK: String(version) };
  if (process.execve === undefined) throw new JailError("execve", "this Node has none");
  const [program, ...rest] = command;
  // The name becomes `process.argv0` of the guests: no path of the host.
  process.execve(program, ["node", ...rest], environment);
});
