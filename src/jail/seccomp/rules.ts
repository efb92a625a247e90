/**
 * What a locked machine may ask of the kernel: what a running V8 and libuv need, and of each call no more
 * of its arguments than they use. A call without a rule answers EPERM, as Node's own probes for files
 * and sockets expect, or is fatal.
 *
 * The filter is the boundary: judge each line as if hostile native code made the call.
 */
import { EINVAL, ENOSYS, ENOTTY, EPERM, SUCCESS } from "./actions.js";
import type { SyscallName } from "./architecture.js";

/**
 * What one argument must be. At width 32 the kernel reads an int and ignores the upper half of the
 * register; at width 64 the upper half must be zero. `ignore` masks bits out before the comparison.
 */
export type Check =
  | {
      readonly arg: number;
      readonly width: 32 | 64;
      readonly oneOf: readonly number[];
      readonly ignore?: number;
    }
  | { readonly arg: number; readonly width: 32; readonly atMost: number };

export interface CheckedRule {
  readonly call: SyscallName;
  /** The call is made when every check of one of these lists holds. */
  readonly anyOf: readonly (readonly Check[])[];
  /** The errno otherwise. */
  readonly otherwise: number;
}

function int(arg: number, ...oneOf: number[]): Check {
  return { arg, width: 32, oneOf };
}

function long(arg: number, ...oneOf: number[]): Check {
  return { arg, width: 64, oneOf };
}

// pthread_create's, exactly: a thread of this process, no new process, no namespace.
const CLONE_VM = 0x100;
const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;
const CLONE_SIGHAND = 0x800;
const CLONE_THREAD = 0x10000;
const CLONE_SYSVSEM = 0x40000;
const CLONE_SETTLS = 0x80000;
const CLONE_PARENT_SETTID = 0x100000;
const CLONE_CHILD_CLEARTID = 0x200000;
const THREAD_FLAGS =
  CLONE_VM |
  CLONE_FS |
  CLONE_FILES |
  CLONE_SIGHAND |
  CLONE_THREAD |
  CLONE_SYSVSEM |
  CLONE_SETTLS |
  CLONE_PARENT_SETTID |
  CLONE_CHILD_CLEARTID;

// Shared memory, anonymous or of a file, is not in RssAnon, which the host's watchdog reads; huge and
// locked pages are not either. The disk is mapped before the lock.
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_STACK = 0x20000;
const MAP_FIXED_NOREPLACE = 0x100000;
const MAP_HARMLESS = MAP_FIXED | MAP_NORESERVE | MAP_STACK | MAP_FIXED_NOREPLACE;

/** What realloc passes. */
const MREMAP_MAYMOVE = 1;

// Not MERGEABLE (pages shared with other processes tell their content by timing), not PAGEOUT (swapped
// pages leave RssAnon). An old kernel answers EINVAL for what it does not know; callers expect that.
const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_REMOVE = 9; // gives freed blocks of the disk back
const MADV_DONTFORK = 10;
const MADV_NOHUGEPAGE = 15;
const MADV_DONTDUMP = 16;
const MADV_GUARD_INSTALL = 102; // thread stacks of newer C libraries
const MADV_GUARD_REMOVE = 103;

// Waiting and waking. The requeueing and priority-inheriting operations, the ones with a past of kernel
// exploits, are not used by V8, libuv or glibc's default locks.
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_PRIVATE_FLAG = 128;
const FUTEX_CLOCK_REALTIME = 256;

const PR_SET_NAME = 15;
const PR_SET_VMA = 0x53564d41;
const PR_SET_VMA_ANON_NAME = 0;

// Not SETOWN or SETSIG, which make the kernel signal another process; not ADD_SEALS or SETPIPE_SZ.
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const O_ACCMODE = 3;
const O_NONBLOCK = 0x800;
const O_CLOEXEC = 0x80000;
// The bits of a file's own that F_GETFL answers and programs hand back; O_ASYNC and O_DIRECT are not here.
const O_LARGEFILE_X64 = 0x8000;
const O_LARGEFILE_ARM64 = 0x20000;
const FILE_STATUS_FLAGS = O_ACCMODE | O_NONBLOCK | O_LARGEFILE_X64 | O_LARGEFILE_ARM64;

// Not FIOSETOWN and SIOCSPGRP (signals), TIOCSTI (a terminal's input).
const FIONBIO = 0x5421;
const FIONCLEX = 0x5450;
const FIOCLEX = 0x5451;

/** The last of the plain clocks. A negative id is another process's CPU time or a device. */
const CLOCK_BOOTTIME = 7;

// Not SO_PEERCRED and SO_PEERPIDFD: the host's pid, and a handle on it.
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ERROR = 4;

/** Calls whose arguments reach nothing outside the process. */
export const allowed: readonly SyscallName[] = [
  // descriptors that are open already
  "read",
  "write",
  "readv",
  "writev",
  "close",
  "fstat",
  "poll",
  "ppoll",
  "epoll_create1",
  "epoll_ctl",
  "epoll_pwait",
  "eventfd2",
  "shutdown",
  "getsockname",
  // memory; PROT_EXEC stays, since V8 compiles
  "brk",
  "munmap",
  "mprotect",
  "pkey_alloc",
  "pkey_free",
  "pkey_mprotect",
  // threads
  "exit",
  "exit_group",
  "rseq",
  "sched_yield",
  "set_robust_list",
  // signals
  "restart_syscall",
  "rt_sigaction",
  "rt_sigprocmask",
  "rt_sigreturn",
  "sigaltstack",
  // facts about the process and the system
  "getcwd",
  "getcpu",
  "getegid",
  "geteuid",
  "getgid",
  "getpid",
  "getrandom",
  "getrusage",
  "gettid",
  "gettimeofday",
  "getuid",
  "nanosleep",
  "time",
  "uname",
];

/** Calls that are made only with arguments as given here. `pid` is the machine's own. */
export function checkedRules(pid: number): readonly CheckedRule[] {
  const clock: readonly Check[] = [{ arg: 0, width: 32, atMost: CLOCK_BOOTTIME }];
  return [
    {
      call: "futex",
      anyOf: [
        [
          {
            ...int(1, FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET),
            ignore: FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME,
          },
        ],
      ],
      otherwise: ENOSYS,
    },
    {
      call: "madvise",
      anyOf: [
        [
          int(
            2,
            MADV_DONTNEED,
            MADV_FREE,
            MADV_REMOVE,
            MADV_DONTFORK,
            MADV_NOHUGEPAGE,
            MADV_DONTDUMP,
            MADV_GUARD_INSTALL,
            MADV_GUARD_REMOVE,
          ),
        ],
      ],
      otherwise: EINVAL,
    },
    {
      call: "mmap",
      anyOf: [[{ ...long(3, MAP_PRIVATE | MAP_ANONYMOUS), ignore: MAP_HARMLESS }]],
      otherwise: EPERM,
    },
    { call: "mremap", anyOf: [[long(3, 0, MREMAP_MAYMOVE)]], otherwise: EPERM },
    { call: "clone", anyOf: [[long(0, THREAD_FLAGS)]], otherwise: EPERM },
    // Its flags are in memory, out of a filter's sight. glibc then uses clone.
    { call: "clone3", anyOf: [], otherwise: ENOSYS },
    {
      call: "prctl",
      anyOf: [[int(0, PR_SET_NAME)], [int(0, PR_SET_VMA), long(1, PR_SET_VMA_ANON_NAME)]],
      otherwise: EPERM,
    },
    {
      call: "fcntl",
      anyOf: [
        [int(1, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC)],
        [int(1, F_SETFL), { ...long(2, 0), ignore: FILE_STATUS_FLAGS }],
      ],
      otherwise: EPERM,
    },
    { call: "ioctl", anyOf: [[int(1, FIONBIO, FIOCLEX, FIONCLEX)]], otherwise: ENOTTY },
    // O_EXCL would make a notification pipe.
    { call: "pipe2", anyOf: [[{ ...int(1, 0), ignore: O_CLOEXEC | O_NONBLOCK }]], otherwise: EPERM },
    { call: "getsockopt", anyOf: [[int(1, SOL_SOCKET), int(2, SO_TYPE, SO_ERROR)]], otherwise: EPERM },
    // A query of this process; with a new limit or another pid it is more.
    { call: "prlimit64", anyOf: [[int(0, 0), long(2, 0)]], otherwise: EPERM },
    // Of this thread only. For an id glibc's pthread_getattr_np, which V8 needs, takes ENOSYS for an
    // answer; the ids of other processes can't be told apart here.
    { call: "sched_getaffinity", anyOf: [[int(0, 0)]], otherwise: ENOSYS },
    // Asked of its threads by V8's mutexes. They are what 0 means, ordinary: nothing can change that.
    { call: "sched_getparam", anyOf: [], otherwise: SUCCESS },
    { call: "sched_getscheduler", anyOf: [], otherwise: SUCCESS },
    { call: "clock_gettime", anyOf: [clock], otherwise: EINVAL },
    { call: "clock_getres", anyOf: [clock], otherwise: EINVAL },
    { call: "clock_nanosleep", anyOf: [clock], otherwise: EINVAL },
    // abort() signals its own process.
    { call: "kill", anyOf: [[int(0, pid)]], otherwise: EPERM },
    { call: "tgkill", anyOf: [[int(0, pid)]], otherwise: EPERM },
    // libuv falls back to epoll.
    { call: "io_uring_setup", anyOf: [], otherwise: ENOSYS },
  ];
}
