import { describe, expect, it } from "vitest";
import { assemble, encodeProgram, label, type Statement } from "../../src/jail/bpf/assembler.js";
import { architectures } from "../../src/jail/seccomp/architecture.js";
import { machineProgram, preFilterProgram } from "../../src/jail/seccomp/program.js";
import { type Call, decode, run, verify } from "./bpf-interpreter.js";
import { expected } from "./expected-calls.js";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (code: number): number => 0x00050000 + code;
const [SUCCESS, EPERM, EINVAL, ENOTTY, ENOSYS] = [0, 1, 22, 25, 38].map(errno) as [
  number,
  number,
  number,
  number,
  number,
];
const PID = 4711;
const HIGH = 1n << 32n;

function build(program: readonly Statement[]) {
  const instructions = decode(encodeProgram(assemble(program)));
  verify(instructions);
  return instructions;
}

/** `[number, ...arguments]` and the verdict. */
type Case = [args: readonly (number | bigint)[], verdict: number];

/** What each checked call may and may not be, on both architectures. */
const cases: Record<string, Case[]> = {
  futex: [
    ...[0, 1, 9, 10].flatMap((op): Case[] => [
      [[0, op], ALLOW],
      [[0, op | 128], ALLOW],
      [[0, op | 256 | 128], ALLOW],
    ]),
    // FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2
    ...[2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 512, 0x1000].map((op): Case => [[0, op], ENOSYS]),
    [[0, 6 | 128], ENOSYS],
    // The kernel reads an int: what is in the upper half does not change which operation it is.
    [[0, 6n | HIGH], ENOSYS],
    [[0, 0n | HIGH], ALLOW],
  ],
  madvise: [
    ...[4, 8, 9, 10, 15, 16, 102, 103].map((advice): Case => [[0, 4096, advice], ALLOW]),
    // MERGEABLE, HUGEPAGE, COLD, PAGEOUT, COLLAPSE, HWPOISON, SOFT_OFFLINE
    ...[0, 3, 11, 12, 14, 20, 21, 22, 25, 100, 101].map((advice): Case => [[0, 4096, advice], EINVAL]),
  ],
  mmap: [
    ...[0x22, 0x32, 0x4022, 0x20022, 0x100022, 0x4032].map((flags): Case => [[0, 4096, 7, flags], ALLOW]),
    // of a file, shared, shared and anonymous, validated, droppable
    ...[0x02, 0x12, 0x01, 0x11, 0x21, 0x23, 0x28, 0x20].map((flags): Case => [[0, 4096, 3, flags, 4], EPERM]),
    // GROWSDOWN, LOCKED, POPULATE, HUGETLB, SYNC, 32BIT
    ...[0x100, 0x2000, 0x8000, 0x40000, 0x80000, 0x40].map(
      (flag): Case => [[0, 4096, 3, 0x22 | flag], EPERM],
    ),
    [[0, 4096, 3, 0x22n | HIGH], EPERM],
  ],
  mremap: [
    [[0, 4096, 8192, 0], ALLOW],
    [[0, 4096, 8192, 1], ALLOW],
    [[0, 4096, 8192, 3], EPERM],
    [[0, 4096, 8192, 5], EPERM],
    [[0, 4096, 8192, 1n | HIGH], EPERM],
  ],
  clone: [
    [[0x3d0f00], ALLOW],
    [[0x3d0f00n | HIGH], EPERM],
    // a process, a process that shares memory, a pidfd, namespaces, ptraced, with a signal
    ...[0x11, 0x4111, 0x3d0f11, 0x3d1f00, 0x10000000 | 0x3d0f00, 0x20000 | 0x3d0f00].map(
      (flags): Case => [[flags], EPERM],
    ),
    ...[0x2000, 0x800000, 0x7d0f00, 0x3c0f00, 0x3d0e00, 0].map((flags): Case => [[flags], EPERM]),
  ],
  clone3: [
    [[0, 0], ENOSYS],
    [[0x1000, 88], ENOSYS],
  ],
  prctl: [
    [[15], ALLOW],
    [[0x53564d41, 0], ALLOW],
    [[0x53564d41, 1], EPERM],
    [[0x53564d41, HIGH], EPERM],
    // PDEATHSIG, DUMPABLE, KEEPCAPS, SECCOMP, CAPBSET, SECUREBITS, TIMERSLACK, MM, PTRACER, SUBREAPER, NNP,
    // SPECULATION_CTRL, CAP_AMBIENT, SYSCALL_USER_DISPATCH
    ...[1, 2, 3, 4, 8, 21, 22, 24, 28, 29, 35, 36, 38, 47, 53, 59, 0x59616d61].map(
      (option): Case => [[option], EPERM],
    ),
  ],
  fcntl: [
    ...[1, 2, 3, 1030].map((command): Case => [[3, command], ALLOW]),
    [[3, 4, 0x800], ALLOW],
    [[3, 4, 0x802], ALLOW],
    [[3, 4, 0x8802], ALLOW],
    [[3, 4, 0x2000], EPERM], // O_ASYNC
    [[3, 4, 0x4000], EPERM], // O_DIRECT
    [[3, 4, 0x800n | HIGH], EPERM],
    // DUPFD, locks, SETOWN, SETSIG, SETOWN_EX, leases, NOTIFY, PIPE_SZ, ADD_SEALS, RW_HINT
    ...[0, 5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 1024, 1025, 1026, 1027, 1031, 1032, 1033, 1036].map(
      (command): Case => [[3, command], EPERM],
    ),
  ],
  ioctl: [
    ...[0x5421, 0x5451, 0x5450].map((request): Case => [[3, request], ALLOW]),
    // TCGETS, TIOCSTI, FIOSETOWN, SIOCSPGRP, FIONREAD, FIOASYNC, TIOCLINUX, FS_IOC_SETFLAGS
    ...[0x5401, 0x5412, 0x8901, 0x8902, 0x541b, 0x5452, 0x541c, 0x40086602].map(
      (request): Case => [[3, request], ENOTTY],
    ),
  ],
  pipe2: [
    ...[0, 0x800, 0x80000, 0x80800].map((flags): Case => [[0, flags], ALLOW]),
    [[0, 0x80], EPERM], // O_NOTIFICATION_PIPE
    [[0, 0x4000], EPERM], // O_DIRECT
  ],
  getsockopt: [
    [[3, 1, 3], ALLOW],
    [[3, 1, 4], ALLOW],
    ...[17, 31, 59, 77].map((option): Case => [[3, 1, option], EPERM]), // SO_PEER*
    [[3, 6, 3], EPERM],
  ],
  prlimit64: [
    [[0, 7, 0], ALLOW],
    [[0, 7, 0x1000], EPERM],
    [[0, 7, HIGH], EPERM],
    [[1, 7, 0], EPERM],
    [[PID, 7, 0], EPERM],
    // The kernel reads an int as the pid.
    [[HIGH, 7, 0], ALLOW],
    [[HIGH | 1n, 7, 0], EPERM],
  ],
  sched_getaffinity: [
    [[0], ALLOW],
    [[1], ENOSYS],
    [[PID], ENOSYS],
  ],
  sched_getparam: [[[1], SUCCESS]],
  sched_getscheduler: [[[1], SUCCESS]],
  kill: [[[PID, 6], ALLOW], ...[0, 1, -1, -PID, PID + 1].map((pid): Case => [[pid, 9], EPERM])],
  tgkill: [[[PID, 5000, 6], ALLOW], ...[0, 1, -1, PID + 1].map((pid): Case => [[pid, 5000, 9], EPERM])],
  ...Object.fromEntries(
    ["clock_gettime", "clock_getres", "clock_nanosleep"].map((name): [string, Case[]] => [
      name,
      [
        ...[0, 1, 2, 3, 4, 5, 6, 7].map((clock): Case => [[clock], ALLOW]),
        ...[8, 9, 11, 12, -1, -6, 0x7fffffff].map((clock): Case => [[clock], EINVAL]),
      ],
    ]),
  ),
  io_uring_setup: [[[8, 0x1000], ENOSYS]],
};

describe.each(["x64", "arm64"] as const)("the filter of a machine on %s", (name) => {
  const { audit, allowed, killed, checked } = expected[name];
  const program = build(machineProgram(architectures[name], PID));
  const judge = (number: number, args?: Call["args"]): number =>
    run(program, args === undefined ? { arch: audit, number } : { arch: audit, number, args });

  it("decides each call as listed, and refuses every other number with EPERM", () => {
    const checkedNumbers = Object.values(checked);
    expect(new Set([...allowed, ...killed, ...checkedNumbers]).size).toBe(
      allowed.length + killed.length + checkedNumbers.length,
    );
    const noise = [0xffff_ffff_ffff_ffffn, 7, HIGH, 0x22, 0n, 1n << 63n];
    for (let number = 0; number < 2048; number += 1) {
      if (checkedNumbers.includes(number)) continue;
      const verdict = allowed.includes(number) ? ALLOW : killed.includes(number) ? KILL : EPERM;
      expect([number, judge(number)]).toEqual([number, verdict]);
      expect([number, judge(number, noise)]).toEqual([number, verdict]);
    }
  });

  it("has a case for each call that it checks", () => {
    expect(Object.keys(checked).sort()).toEqual(Object.keys(cases).sort());
  });

  it.each(Object.keys(cases))("looks at the arguments of %s", (call) => {
    for (const [args, verdict] of cases[call] ?? []) {
      expect([args, judge(checked[call] ?? -1, args)]).toEqual([args, verdict]);
    }
  });

  it("allows nothing of a checked call to random arguments but what its rule says", () => {
    // Each 64-bit argument by itself: no value that is not in the list of cases opens a call.
    for (const call of ["mmap", "clone", "clone3", "io_uring_setup"]) {
      for (let bit = 0n; bit < 64n; bit += 1n) {
        const flags = call === "clone" ? 0x3d0f00n ^ (1n << bit) : 1n << bit;
        const args = call === "clone" ? [flags] : [0n, 4096n, 3n, flags];
        expect([call, bit, judge(checked[call] ?? -1, args) === ALLOW]).toEqual([call, bit, false]);
      }
    }
  });

  it("kills on a call of any other architecture", () => {
    // i386, arm, mips, x64 and arm64 of the other kind, no architecture
    for (const arch of [0x40000003, 0x40000028, 8, 0xc000003e, 0xc00000b7, 0, 0xffffffff]) {
      if (arch === audit) continue;
      for (const number of [0, 1, 5, 11, 60, 63, 93]) expect(run(program, { arch, number })).toBe(KILL);
    }
  });

  it("takes no number of the x32 convention", () => {
    for (const number of [0, 1, 2, 59, 512, 520, 545]) {
      expect(judge((0x40000000 | number) >>> 0)).toBe(name === "x64" ? KILL : EPERM);
    }
    expect(judge(0xffffffff)).toBe(name === "x64" ? KILL : EPERM);
  });

  it("has no instruction that no call reaches", () => {
    const visited = new Set<number>();
    for (let number = 0; number < 600; number += 1) run(program, { arch: audit, number }, visited);
    run(program, { arch: audit, number: 0x40000000 }, visited);
    run(program, { arch: 0, number: 0 }, visited);
    for (const [call, list] of Object.entries(cases)) {
      for (const [args] of list) run(program, { arch: audit, number: checked[call] ?? -1, args }, visited);
    }
    expect(program.flatMap((_, index) => (visited.has(index) ? [] : [index]))).toEqual([]);
  });
});

describe.each(["x64", "arm64"] as const)("the filter of stage 0 on %s", (name) => {
  const { audit } = expected[name];
  const program = build(preFilterProgram(architectures[name]));

  it("denies io_uring and allows the rest", () => {
    for (let number = 0; number < 600; number += 1) {
      const verdict = number >= 425 && number <= 427 ? ENOSYS : ALLOW;
      expect([number, run(program, { arch: audit, number })]).toEqual([number, verdict]);
    }
  });

  it("kills on any other architecture, whose numbers would name io_uring otherwise", () => {
    expect(run(program, { arch: 0x40000003, number: 425 })).toBe(KILL);
    if (name === "x64") expect(run(program, { arch: audit, number: 0x400001a9 })).toBe(KILL);
  });
});

describe("the assembler", () => {
  const end: Statement = { op: "return", value: 0 };

  it("refuses a jump that is too far, backward or to nowhere", () => {
    const far = label("far");
    const long = Array.from({ length: 256 }, (): Statement => ({ op: "load", offset: 0 }));
    const jump = (target: typeof far): Statement => ({ op: "jumpIf", test: "equal", value: 0, target });
    expect(() => assemble([jump(far), ...long, { op: "place", label: far }, end])).toThrow(/256 away/);
    expect(assemble([jump(far), ...long.slice(1), { op: "place", label: far }, end])[0]?.jumpTrue).toBe(255);
    expect(() => assemble([{ op: "place", label: far }, end, jump(far), end])).toThrow(/-3 away|-\d away/);
    expect(() => assemble([jump(far), end])).toThrow(/no place/);
  });

  it("refuses a program that is empty or too long", () => {
    expect(() => assemble([])).toThrow(RangeError);
    expect(() => assemble(Array.from({ length: 4097 }, () => end))).toThrow(RangeError);
  });
});
