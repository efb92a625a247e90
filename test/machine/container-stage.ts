/**
 * Becomes the program of its arguments under a filter like the one that Docker puts on containers: calls
 * that change what processes share, load code into the kernel or look into others are refused with EPERM.
 */
import type { Statement } from "../../src/jail/bpf/assembler.js";
import { label } from "../../src/jail/bpf/assembler.js";
import { syscall } from "../../src/jail/native.js";
import { ALLOW, ENOSYS, EPERM, errno } from "../../src/jail/seccomp/actions.js";
import { nativeArchitecture, type SyscallName, syscallNumber } from "../../src/jail/seccomp/architecture.js";
import { installFilter } from "../../src/jail/seccomp/install.js";
import { guardArchitecture } from "../../src/jail/seccomp/program.js";

const PR_SET_NO_NEW_PRIVS = 38;
/** All of CLONE_NEWNS … CLONE_NEWNET, in the first argument of clone. */
const CLONE_NEW = 0x7e020000;
const FIRST_ARGUMENT = 16;

const refused: readonly SyscallName[] = [
  "acct",
  "add_key",
  "bpf",
  "finit_module",
  "fsopen",
  "init_module",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "kexec_load",
  "keyctl",
  "mount",
  "move_mount",
  "open_by_handle_at",
  "perf_event_open",
  "pivot_root",
  "process_vm_readv",
  "ptrace",
  "quotactl",
  "reboot",
  "request_key",
  "setns",
  "swapon",
  "umount2",
  "unshare",
  "userfaultfd",
];
/** What a container's filter of before Landlock's time refuses. */
const newer: readonly SyscallName[] = [
  "landlock_create_ruleset",
  "landlock_add_rule",
  "landlock_restrict_self",
];

function refuse(call: SyscallName, code: number): Statement[] {
  const number = nativeArchitecture().numbers[call];
  if (number === undefined) return [];
  const next = label(`after ${call}`);
  return [
    { op: "require", test: "equal", value: number, otherwise: next },
    { op: "return", value: errno(code) },
    { op: "place", label: next },
  ];
}

const plain = label("plain clone");
const done = label("allowed");
const program: Statement[] = [
  ...guardArchitecture(nativeArchitecture()),
  ...[...refused, ...newer].flatMap((call) => refuse(call, EPERM)),
  // Its flags are in memory: programs are to fall back to clone.
  ...refuse("clone3", ENOSYS),
  { op: "require", test: "equal", value: syscallNumber("clone"), otherwise: done },
  { op: "load", offset: FIRST_ARGUMENT },
  { op: "and", value: CLONE_NEW },
  { op: "jumpIf", test: "equal", value: 0, target: plain },
  { op: "return", value: errno(EPERM) },
  { op: "place", label: plain },
  { op: "place", label: done },
  { op: "return", value: ALLOW },
];

syscall(syscallNumber("prctl"), PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
installFilter(program, "all");
const [file = "", ...args] = process.argv.slice(2);
process.execve?.(file, [file, ...args]);
