import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { JailUnavailableError } from "../../src/errors/jail-unavailable-error.js";
import { isZombie, memoryOf, statusField, statusNumber } from "../../src/machine/status.js";
import { checkThread, unexpectedDescriptor, verifyJail } from "../../src/machine/verify.js";

const locked = `Name:\tnode
Umask:\t0077
Pid:\t12
PPid:\t11
Uid:\t1000\t1000\t1000\t1000
RssAnon:\t   10240 kB
Threads:\t7
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t2
`;

test("fields of a status are found by their whole name", () => {
  expect(statusField(locked, "Name")).toBe("node");
  expect(statusNumber(locked, "Pid")).toBe(12);
  expect(statusNumber(locked, "PPid")).toBe(11);
  expect(statusNumber(locked, "Seccomp")).toBe(2);
  expect(statusNumber(locked, "RssAnon")).toBe(10240);
  expect(statusNumber(locked, "Uid")).toBe(1000);
  expect(statusField(locked, "id")).toBe(null);
  expect(statusNumber(locked, "Name")).toBe(null);
});

test("a process's memory is what nobody else has, page tables, and shared memory that nobody gave it", () => {
  const status =
    "State:\tR (running)\nVmPTE:\t 3 kB\nVmSwap:\t 4 kB\nRssAnon:\t 5 kB\nRssFile:\t 9 kB\nRssShmem:\t 7 kB\n";
  expect(memoryOf(status, 0)).toBe(19 * 1024);
  expect(memoryOf(status, 6 * 1024)).toBe(13 * 1024);
  expect(memoryOf(status, 8 * 1024)).toBe(12 * 1024);
  expect(isZombie(status)).toBe(false);
  expect(isZombie("Name:\tnode\nState:\tZ (zombie)\nThreads:\t4\n")).toBe(true);
});

describe("a thread", () => {
  test("that is locked passes, also on a kernel that doesn't count filters", () => {
    checkThread(locked, 2);
    checkThread(locked.replace(/^Seccomp_filters.*\n/mu, ""), 2);
  });

  const changes: [string, RegExp, string][] = [
    ["without a filter", /^Seccomp:.*$/mu, "Seccomp:\t0"],
    ["in strict mode", /^Seccomp:.*$/mu, "Seccomp:\t1"],
    ["of a kernel without seccomp", /^Seccomp:.*\n/mu, ""],
    ["with the filter of stage 0 alone", /^Seccomp_filters:.*$/mu, "Seccomp_filters:\t1"],
    ["that may gain privileges", /^NoNewPrivs:.*$/mu, "NoNewPrivs:\t0"],
    ["with a capability in force", /^CapEff:.*$/mu, "CapEff:\t0000000000200000"],
    ["with a permitted capability", /^CapPrm:.*$/mu, "CapPrm:\t8000000000000000"],
    ["with an inheritable capability", /^CapInh:.*$/mu, "CapInh:\t0000000000000001"],
    ["with an ambient capability", /^CapAmb:.*$/mu, "CapAmb:\t0000000000000001"],
  ];
  for (const [name, pattern, replacement] of changes) {
    test(`${name} doesn't`, () => {
      expect(() => checkThread(locked.replace(pattern, replacement), 2)).toThrow(JailUnavailableError);
    });
  }

  test("has to have one filter more than its host for each that it was given", () => {
    expect(() => checkThread(locked, 3)).toThrow(/2 seccomp filters in place of 3/u);
  });
});

describe("descriptors", () => {
  const expected: [number, string][] = [
    [0, "/dev/null"],
    [1, "socket:[1]"],
    [2, "pipe:[2]"],
    [3, "socket:[3]"],
    [21, "/dev/null"],
    [4, "anon_inode:[eventpoll]"],
    [5, "anon_inode:[eventfd]"],
    [6, "pipe:[6]"],
    [7, "pipe:[6]"],
    [20, "/memfd:disk (deleted)"],
  ];

  test("of a machine are expected", () => {
    expect(unexpectedDescriptor(new Map(expected), 20)).toBe(null);
  });

  const surplus: [number, string][] = [
    [0, "/dev/pts/0"],
    [1, "/dev/pts/0"],
    [2, "/tmp/log"],
    [3, "anon_inode:[eventfd]"],
    [8, "socket:[8]"],
    [8, "/etc/passwd"],
    [8, "anon_inode:[io_uring]"],
    [8, "anon_inode:[pidfd]"],
    [8, "/memfd:other (deleted)"],
    [8, "pipe:[8]"],
    [1, "/dev/null"],
  ];
  for (const [fd, target] of surplus) {
    test(`may not be ${fd} → ${target}`, () => {
      expect(unexpectedDescriptor(new Map([...expected, [fd, target]]), 20)).toContain(target);
    });
  }

  test("may not be a disk that it didn't name", () => {
    expect(unexpectedDescriptor(new Map(expected), null)).toContain("memfd");
  });
});

test("a process that isn't locked is refused, one that is gone is not vouched for", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const pid = child.pid as number;
  expect(() => verifyJail({ pid, diskFd: null })).toThrow(JailUnavailableError);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(verifyJail({ pid, diskFd: null })).toEqual({ verified: "self", uid: null });
});
