import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import {
  type CompiledPermissions,
  type CompiledRule,
  type CompiledScope,
  defaultPermissions,
  MAX_RULES,
  type ProgramPattern,
} from "../../policy/compiled.js";
import { GlobError, parseNameGlob, parsePathGlob } from "../../policy/glob/parse.js";
import { OUTSIDE, parseNetworkPattern } from "../../policy/network.js";
import { allOperations, operations, type PermissionScope, scopes } from "../../policy/operations.js";
import type { PermissionMode } from "../../policy/permissions.js";
import { describe, nearest, readFields, refuse } from "./checks.js";

/** What the texts of a rule's patterns stand for. Throws GlobError. */
type Parse<P> = (text: string) => P[];

/** How the rules of a scope look: the key of its patterns, if it has some. */
interface Grammar<P> {
  scope: PermissionScope;
  key: "paths" | "patterns" | null;
  parse: Parse<P>;
}

/** Characters of all patterns of a scope: a path of 4 KiB is compared with all of them in a fraction of a second. */
const MAX_SCOPE_CHARACTERS = 16 * 1024;

/** Names that others give to operations. */
const synonyms: Partial<Record<PermissionScope, Record<string, string>>> = {
  fs: {
    open: "read",
    readFile: "read",
    execute: "read",
    import: "read",
    writeFile: "write",
    append: "write",
    truncate: "write",
    mkdir: "create",
    symlink: "create",
    link: "create",
    rename: "delete",
    move: "delete",
    unlink: "delete",
    rm: "delete",
    rmdir: "delete",
    remove: "delete",
    readdir: "list",
    opendir: "list",
    lstat: "stat",
    exists: "stat",
    access: "stat",
    readlink: "stat",
    realpath: "stat",
    watch: "stat",
    chown: "chmod",
    utimes: "chmod",
  },
  network: {
    fetch: "connect",
    http: "connect",
    tcp: "connect",
    resolve: "dns",
    lookup: "dns",
    bind: "listen",
  },
  childProcess: { exec: "spawn", fork: "spawn", signal: "kill" },
  process: { memoryUsage: "usage", cpuUsage: "usage", setgid: "setuid" },
  env: { get: "read", list: "read", set: "write", delete: "write" },
  tool: { invoke: "call", run: "call" },
};

/** Checks the permissions that were given, and fills in the scopes that were not. Throws InvalidOptionError. */
export function checkPermissions(value: unknown): CompiledPermissions {
  const given = readFields(value, "permissions", scopes, "permissions.");
  const permissions: CompiledPermissions = { ...defaultPermissions };
  if (given.fs !== undefined)
    permissions.fs = check({ scope: "fs", key: "paths", parse: parsePathGlob }, given.fs);
  if (given.network !== undefined) {
    const grammar = { scope: "network", key: "patterns", parse: parseNetworkPattern } as const;
    permissions.network = check(grammar, given.network);
  }
  if (given.childProcess !== undefined) {
    const grammar = { scope: "childProcess", key: "patterns", parse: parseProgram } as const;
    permissions.childProcess = check(grammar, given.childProcess);
  }
  if (given.process !== undefined) {
    permissions.process = check({ scope: "process", key: null, parse: () => [] }, given.process);
  }
  for (const scope of ["env", "tool"] as const) {
    if (given[scope] === undefined) continue;
    permissions[scope] = check({ scope, key: "patterns", parse: parseNameGlob }, given[scope]);
  }
  return permissions;
}

function parseProgram(text: string): ProgramPattern[] {
  return text.includes("/")
    ? parsePathGlob(text).map((path) => ({ path }))
    : parseNameGlob(text).map((name) => ({ name }));
}

function check<P>(grammar: Grammar<P>, value: unknown): CompiledScope<P> {
  const key = `permissions.${grammar.scope}`;
  if (typeof value === "string") return checkMode(value, key, ` or an object with "rules"`);
  const given = readFields(value, key, ["default", "rules"], `${key}.`);
  if (!Array.isArray(given.rules)) refuse(`${key}.rules`, "an array of rules", given.rules);
  if (given.rules.length > MAX_RULES) {
    refuse(`${key}.rules`, `at most ${MAX_RULES} rules`, given.rules);
  }
  const budget = { left: MAX_SCOPE_CHARACTERS };
  return {
    default: given.default === undefined ? "deny" : checkMode(given.default, `${key}.default`),
    rules: Array.from(given.rules as unknown[], (rule, i) =>
      checkRule(grammar, rule, `${key}.rules[${i}]`, budget),
    ),
  };
}

function checkMode(value: unknown, key: string, otherwise = ""): PermissionMode {
  if (value === "allow" || value === "deny") return value;
  return refuse(key, `"allow"${otherwise === "" ? " or" : ","} "deny"${otherwise}`, value);
}

function checkRule<P>(
  { scope, key, parse }: Grammar<P>,
  value: unknown,
  where: string,
  budget: { left: number },
): CompiledRule<P> {
  const known = ["mode", "operations", ...(key === null ? [] : [key])] as const;
  const given = readFields(value, where, known, `${where}.`);
  if (value === undefined) refuse(where, "an object", value);
  return {
    mode: checkMode(given.mode, `${where}.mode`),
    operations:
      given.operations === undefined
        ? scope === "network"
          ? OUTSIDE
          : allOperations(scope)
        : checkOperations(scope, given.operations, `${where}.operations`),
    patterns:
      key === null || given[key] === undefined
        ? null
        : checkPatterns(given[key], `${where}.${key}`, parse, budget),
  };
}

function checkOperations(scope: PermissionScope, value: unknown, key: string): number {
  const names: readonly string[] = operations[scope];
  if (!Array.isArray(value)) refuse(key, `an array of operations: ${names.join(", ")}`, value);
  let mask = 0;
  for (const [i, name] of Array.from(value as unknown[]).entries()) {
    const index = typeof name === "string" ? names.indexOf(name) : -1;
    if (index < 0) throw unknownOperation(scope, name, `${key}[${i}]`);
    mask |= 1 << index;
  }
  return mask;
}

function unknownOperation(scope: PermissionScope, name: unknown, key: string): InvalidOptionError {
  const names: readonly string[] = operations[scope];
  const known = synonyms[scope];
  const guess =
    typeof name !== "string"
      ? undefined
      : known !== undefined && Object.hasOwn(known, name)
        ? known[name]
        : nearest(name, names);
  const all = name === "*" ? "; without operations, a rule is about all of them" : "";
  return new InvalidOptionError({
    key,
    expected: `one of ${names.join(", ")}${all}`,
    received: describe(name),
    nearest: guess,
  });
}

function checkPatterns<P>(value: unknown, key: string, parse: Parse<P>, budget: { left: number }): P[] {
  if (!Array.isArray(value)) refuse(key, "an array of patterns", value);
  return Array.from(value as unknown[]).flatMap((text, i) => {
    if (typeof text !== "string") refuse(`${key}[${i}]`, "a pattern, as a string", text);
    try {
      const patterns = parse(text);
      // What braces stand for is compared one by one.
      budget.left -= text.length * patterns.length;
      if (budget.left >= 0) return patterns;
    } catch (error) {
      if (!(error instanceof GlobError)) throw error;
      refuse(`${key}[${i}]`, error.message, text);
    }
    return refuse(
      `${key}[${i}]`,
      `within the ${MAX_SCOPE_CHARACTERS} characters that the patterns of a scope may have together`,
      text,
    );
  });
}
