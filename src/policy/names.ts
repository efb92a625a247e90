/** Rules of scopes whose objects have names. Runs in guest threads too: captured intrinsics only. */
import type { CompiledScope, ProgramPattern } from "./compiled.js";
import { type Decision, decide } from "./decide.js";
import { advance, isMatch, matchesSegment, newPlaces, type SegmentPattern } from "./glob/match.js";
import {
  type ChildProcessOperation,
  type EnvOperation,
  operationBit,
  type ProcessOperation,
} from "./operations.js";

const CALL = operationBit("tool", "call");
const places = newPlaces();

/** Whether a variable may be read or written. */
export function decideVariable(
  scope: CompiledScope<SegmentPattern>,
  operation: EnvOperation,
  name: string,
): Decision {
  return decide(scope, operationBit("env", operation), (pattern) => isName(pattern, name));
}

/** The variables that may be read. */
export function visibleVariables(
  scope: CompiledScope<SegmentPattern>,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  if (scope === "allow") return { ...variables };
  const visible = Object.entries(variables).filter(([name]) => decideVariable(scope, "read", name).allowed);
  // Unlike assignments, it takes `__proto__` for a name.
  return Object.fromEntries(visible);
}

/** Whether a tool of the host may be called. */
export function decideTool(scope: CompiledScope<SegmentPattern>, name: string): Decision {
  return decide(scope, CALL, (pattern) => isName(pattern, name));
}

/** Whether a process may do something to itself. */
export function decideProcess(scope: CompiledScope<never>, operation: ProcessOperation): Decision {
  return decide(scope, operationBit("process", operation), () => false);
}

/**
 * Whether a program may be started, or a process that runs it be signalled: its name without directories,
 * and its real path if it is a file.
 */
export function decideProgram(
  scope: CompiledScope<ProgramPattern>,
  operation: ChildProcessOperation,
  name: string,
  path?: string,
): Decision {
  return decide(scope, operationBit("childProcess", operation), (pattern) => {
    if ("name" in pattern) return isName(pattern.name, name);
    return path !== undefined && advance(pattern.path, path, places) && isMatch(pattern.path, places);
  });
}

function isName(pattern: SegmentPattern, name: string): boolean {
  return matchesSegment(pattern, name, 0, name.length);
}
