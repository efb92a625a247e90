/** The rules of a machine as a BPF program for one architecture. */
import type { Label, Statement } from "../bpf/assembler.js";
import { label } from "../bpf/assembler.js";
import { ALLOW, ENOSYS, EPERM, errno, KILL_PROCESS } from "./actions.js";
import type { Architecture } from "./architecture.js";
import { fatal } from "./fatal-calls.js";
import { allowed, type Check, type CheckedRule, checkedRules } from "./rules.js";

// struct seccomp_data, little-endian
const NUMBER = 0;
const AUDIT_ARCH = 4;
const argumentLow = (index: number): number => 16 + index * 8;
const argumentHigh = (index: number): number => 20 + index * 8;

/** Kills on a call of another calling convention, whose numbers mean other calls; then loads the number. */
export function guardArchitecture({ audit, foreignFrom }: Architecture): Statement[] {
  const native = label("native");
  const statements: Statement[] = [
    { op: "load", offset: AUDIT_ARCH },
    { op: "jumpIf", test: "equal", value: audit, target: native },
    { op: "return", value: KILL_PROCESS },
    { op: "place", label: native },
    { op: "load", offset: NUMBER },
  ];
  if (foreignFrom !== null) {
    const known = label("known");
    statements.push(
      { op: "require", test: "greaterOrEqual", value: foreignFrom, otherwise: known },
      { op: "return", value: KILL_PROCESS },
      { op: "place", label: known },
    );
  }
  return statements;
}

/** The filter of a locked machine with process id `pid`. */
export function machineProgram(architecture: Architecture, pid: number): Statement[] {
  const { numbers } = architecture;
  const program = guardArchitecture(architecture);
  // Checked calls come first: the kernel keeps a table of the calls that are always allowed, and runs
  // the program for the others alone.
  for (const rule of checkedRules(pid)) {
    const number = numbers[rule.call];
    if (number !== undefined) program.push(...forCall(number, judge(rule)));
  }
  for (const name of allowed) {
    const number = numbers[name];
    if (number !== undefined) program.push(...forCall(number, [{ op: "return", value: ALLOW }]));
  }
  for (const name of fatal) {
    const number = numbers[name];
    if (number !== undefined) program.push(...forCall(number, [{ op: "return", value: KILL_PROCESS }]));
  }
  program.push({ op: "return", value: errno(EPERM) });
  return program;
}

/** The filter of stage 0: no io_uring, whose operations pass by any filter; all else stays as it is. */
export function preFilterProgram(architecture: Architecture): Statement[] {
  const program = guardArchitecture(architecture);
  for (const name of ["io_uring_setup", "io_uring_enter", "io_uring_register"] as const) {
    const number = architecture.numbers[name];
    if (number !== undefined) program.push(...forCall(number, [{ op: "return", value: errno(ENOSYS) }]));
  }
  program.push({ op: "return", value: ALLOW });
  return program;
}

/** Runs `body`, which ends in a return, when the number in the accumulator is this one. */
function forCall(number: number, body: readonly Statement[]): Statement[] {
  const next = label(`after ${number}`);
  return [
    { op: "require", test: "equal", value: number, otherwise: next },
    ...body,
    { op: "place", label: next },
  ];
}

function judge({ call, anyOf, otherwise }: CheckedRule): Statement[] {
  const statements: Statement[] = [];
  anyOf.forEach((checks, index) => {
    const failed = label(`${call}, not form ${index}`);
    for (const check of checks) statements.push(...test(check, failed));
    statements.push({ op: "return", value: ALLOW }, { op: "place", label: failed });
  });
  statements.push({ op: "return", value: errno(otherwise) });
  return statements;
}

function test(check: Check, failed: Label): Statement[] {
  const statements: Statement[] = [];
  if (check.width === 64) {
    statements.push(
      { op: "load", offset: argumentHigh(check.arg) },
      { op: "require", test: "equal", value: 0, otherwise: failed },
    );
  }
  statements.push({ op: "load", offset: argumentLow(check.arg) });
  if ("atMost" in check) {
    statements.push({ op: "jumpIf", test: "greater", value: check.atMost, target: failed });
    return statements;
  }
  if (check.ignore !== undefined) statements.push({ op: "and", value: ~check.ignore });
  const passed = label("passed");
  for (const value of check.oneOf.slice(0, -1)) {
    statements.push({ op: "jumpIf", test: "equal", value, target: passed });
  }
  const last = check.oneOf.at(-1);
  if (last === undefined) throw new RangeError("a check without values");
  statements.push(
    { op: "require", test: "equal", value: last, otherwise: failed },
    { op: "place", label: passed },
  );
  return statements;
}
