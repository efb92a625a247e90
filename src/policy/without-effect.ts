/** Finds rules that decide nothing. Runs in the host alone. */
import { BlockList, isIP } from "node:net";
import type {
  CompiledPermissions,
  CompiledRule,
  CompiledScope,
  HostPattern,
  ProgramPattern,
} from "./compiled.js";
import { ANY_RUN, GLOBSTAR, matchesSegment, type PathPattern, type SegmentPattern } from "./glob/match.js";
import { operationBit, operations, type PermissionScope, scopes } from "./operations.js";
import type { PermissionMode } from "./permissions.js";
import { containsRequests } from "./requests.js";

type Contains<P> = (outer: P, inner: P) => boolean;
/** What a pattern is about where an operation is concerned (by its bit); null for nothing. */
type Meaning<P> = (pattern: P, operation: number, mode: PermissionMode) => P | null;

const CONNECT = operationBit("network", "connect");
const DNS = operationBit("network", "dns");

/** What is wrong with rules that never decide, one sentence for each of them. */
export function findRulesWithoutEffect(permissions: CompiledPermissions): string[] {
  const { fs, network, childProcess, process, env, tool } = permissions;
  const found = {
    fs: search("fs", fs, containsPath, isPath),
    network: search("network", network, containsHost, () => true, meantHost),
    childProcess: search("childProcess", childProcess, containsProgram, isProgram),
    process: search<never>("process", process, () => false),
    env: search("env", env, containsSegment),
    tool: search("tool", tool, containsSegment),
  };
  return scopes.flatMap((scope) => found[scope]);
}

function search<P>(
  scope: PermissionScope,
  permission: CompiledScope<P>,
  contains: Contains<P>,
  canMatch: (pattern: P) => boolean = () => true,
  meaning: Meaning<P> = (pattern) => pattern,
): string[] {
  if (typeof permission === "string") return [];
  const { rules } = permission;
  return rules.flatMap((rule, index) => {
    const name = `${scope}.rules[${index}]`;
    if (rule.operations === 0) return [`${name} never decides: it names no operation`];
    if (rule.patterns?.length === 0) return [`${name} never decides: it has an empty list of patterns`];
    const possible = rule.patterns?.filter(canMatch);
    if (possible?.length === 0)
      return [`${name} never decides: none of its patterns can match an absolute path`];
    const sensible = { ...rule, patterns: possible ?? null };
    const before = deciders(scope, rules.slice(0, index), sensible, contains, meaning);
    if (before?.length === 0)
      return [`${name} never decides: none of its patterns is about what its operations are`];
    if (before === null) return partly(name, rule.patterns, possible);
    const against = before.some((other) => rules[other]?.mode !== rule.mode) ? ", and not in its way" : "";
    return [
      `${name} never decides: ${list(scope, before)} before it decide${before.length === 1 ? "s" : ""} all that it is about${against}`,
    ];
  });
}

function partly(name: string, all: unknown[] | null, possible: unknown[] | undefined): string[] {
  const idle = (all?.length ?? 0) - (possible?.length ?? 0);
  return idle === 0 ? [] : [`${name} has patterns that can match no absolute path`];
}

function list(scope: string, indices: number[]): string {
  return indices.map((index) => `${scope}.rules[${index}]`).join(" and ");
}

/** The earlier rules that leave nothing to a rule; null where it decides something. */
function deciders<P>(
  scope: PermissionScope,
  earlier: CompiledRule<P>[],
  rule: CompiledRule<P>,
  contains: Contains<P>,
  meaning: Meaning<P>,
): number[] | null {
  const used = new Set<number>();
  for (let bit = 1; bit < 1 << operations[scope].length; bit <<= 1) {
    if ((rule.operations & bit) === 0) continue;
    const meant = ({ patterns, mode }: CompiledRule<P>): P[] | null =>
      patterns?.map((pattern) => meaning(pattern, bit, mode)).filter((found) => found !== null) ?? null;
    for (const pattern of meant(rule) ?? [null]) {
      const decider = earlier.findIndex(
        (other) =>
          (other.operations & bit) !== 0 &&
          (other.patterns === null ||
            (pattern !== null && meant(other)?.some((outer) => contains(outer, pattern)))),
      );
      if (decider < 0) return null;
      used.add(decider);
    }
  }
  return [...used].sort((a, b) => a - b);
}

/** Whether all names that one pattern matches are matched by the other: never said wrongly. */
function containsSegment(outer: SegmentPattern, inner: SegmentPattern): boolean {
  if (typeof outer !== "string" && outer.length === 1 && outer[0] === ANY_RUN) return true;
  if (typeof inner === "string") return matchesSegment(outer, inner, 0, inner.length);
  return JSON.stringify(outer) === JSON.stringify(inner);
}

/** Goes along the inner pattern as if it were a path. */
function containsPath(outer: PathPattern, inner: PathPattern): boolean {
  let places = withGlobstars(outer, new Set([0]));
  for (const name of inner) {
    const next = new Set<number>();
    for (const place of places) {
      const expected = outer[place];
      if (expected === undefined) continue;
      if (expected === GLOBSTAR) next.add(place);
      else if (name !== GLOBSTAR && containsSegment(expected, name)) next.add(place + 1);
    }
    places = withGlobstars(outer, next);
  }
  return places.has(outer.length);
}

function withGlobstars(pattern: PathPattern, places: Set<number>): Set<number> {
  for (const place of places) if (pattern[place] === GLOBSTAR) places.add(place + 1);
  return places;
}

/** Whether a path can match at all: one that is real has no name with a slash, and no dots alone. */
function isPath(pattern: PathPattern): boolean {
  return !pattern.some(
    (name) => typeof name === "string" && (name === "." || name === ".." || name.includes("/")),
  );
}

function isProgram(pattern: ProgramPattern): boolean {
  return "name" in pattern || isPath(pattern.path);
}

function containsProgram(outer: ProgramPattern, inner: ProgramPattern): boolean {
  if ("name" in outer) return "name" in inner && containsSegment(outer.name, inner.name);
  return "path" in inner && containsPath(outer.path, inner.path);
}

/**
 * A look-up has neither port nor request: those of rules that allow don't count for it, and rules that deny
 * some are about none. Nothing but a connection has requests.
 */
function meantHost(pattern: HostPattern, operation: number, mode: PermissionMode): HostPattern | null {
  if (operation === DNS && mode === "allow") return { host: pattern.host, ports: null };
  if (operation === DNS && pattern.ports !== null) return null;
  return pattern.request === undefined || operation === CONNECT ? pattern : null;
}

function containsHost(outer: HostPattern, inner: HostPattern): boolean {
  const ports =
    outer.ports === null ||
    (inner.ports !== null && outer.ports[0] <= inner.ports[0] && outer.ports[1] >= inner.ports[1]);
  return ports && containsRequests(outer, inner, containsPath) && containsName(outer.host, inner.host);
}

function containsName(outer: HostPattern["host"], inner: HostPattern["host"]): boolean {
  if ("any" in outer) return true;
  if ("name" in outer) return "name" in inner && inner.name === outer.name;
  if ("below" in outer) {
    const name = "name" in inner ? inner.name : "below" in inner ? `x.${inner.below}` : "";
    return name.endsWith(`.${outer.below}`);
  }
  if (!("address" in inner) || isIP(inner.address) !== isIP(outer.address) || inner.bits < outer.bits)
    return false;
  const family = isIP(outer.address) === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(outer.address, outer.bits, family);
  return range.check(inner.address, family);
}
