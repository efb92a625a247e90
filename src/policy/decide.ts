/** The decision about one operation. Runs in guest threads too: captured intrinsics only. */
import type { CompiledRule, CompiledRules, CompiledScope } from "./compiled.js";
import type { PermissionMode } from "./permissions.js";

/** What was decided, and by which rule: null for the mode of the scope, or the default of its rules. */
export interface Decision {
  readonly allowed: boolean;
  readonly rule: number | null;
}

/** Decisions are made often, and none of them is changed. */
const plainly = {
  allow: { allowed: true, rule: null },
  deny: { allowed: false, rule: null },
} as const;

/** The first rule about an operation (by its bit) that has a pattern which matches decides. */
export function decide<P>(
  scope: CompiledScope<P>,
  operation: number,
  matches: (pattern: P, mode: PermissionMode) => boolean,
): Decision {
  if (typeof scope === "string") return plainly[scope];
  const { rules } = scope;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as CompiledRule<P>;
    if ((rule.operations & operation) !== 0 && matchesAny(rule, matches)) {
      return { allowed: rule.mode === "allow", rule: i };
    }
  }
  return plainly[scope.default];
}

/** Whether any rule names an operation. */
export function isNamed(scope: CompiledRules<unknown>, operation: number): boolean {
  for (let i = 0; i < scope.rules.length; i++) {
    if (((scope.rules[i] as CompiledRule<unknown>).operations & operation) !== 0) return true;
  }
  return false;
}

function matchesAny<P>(
  { patterns, mode }: CompiledRule<P>,
  matches: (pattern: P, mode: PermissionMode) => boolean,
): boolean {
  if (patterns === null) return true;
  for (let i = 0; i < patterns.length; i++) if (matches(patterns[i] as P, mode)) return true;
  return false;
}
