/** Rules of the scope `fs`. Runs in guest threads: captured intrinsics only. */
import type { CompiledRule, CompiledRules } from "./compiled.js";
import {
  advance,
  coversBelow,
  isMatch,
  newPlaces,
  type PathPattern,
  type Places,
  reachesBelow,
} from "./glob/match.js";
import { allOperations } from "./operations.js";

type Rule = CompiledRule<PathPattern>;

/** In a mask beside the operations: the path leads to what a rule allows, so one may ask what is there. */
export const LEADS = 1 << 30;

const ALL = allOperations("fs");

/** How much of a tree a rule is about. */
const NOTHING = 0;
const SOME = 1;
const EVERYTHING = 2;

/** Judges real paths: absolute, without `.`, `..`, double slashes and symbolic links. */
export class PathRules {
  readonly #rules: Rule[];
  readonly #allowsRest: boolean;
  readonly #places: Places = newPlaces();
  readonly #others: Places = newPlaces();

  constructor({ rules, default: mode }: CompiledRules<PathPattern>) {
    this.#rules = rules;
    this.#allowsRest = mode === "allow";
  }

  /** The operations that are allowed on a path, and `LEADS`. */
  allowed(path: string): number {
    const rules = this.#rules;
    const places = this.#places;
    let open = ALL;
    let allowed = 0;
    let leads = 0;
    for (let i = 0; i < rules.length && open !== 0; i++) {
      const { operations, patterns, mode } = rules[i] as Rule;
      let matches = patterns === null;
      for (let j = 0; patterns !== null && j < patterns.length && !matches; j++) {
        const pattern = patterns[j] as PathPattern;
        if (!advance(pattern, path, places)) continue;
        matches = isMatch(pattern, places);
        if (mode === "allow" && reachesBelow(pattern, places)) leads = LEADS;
      }
      if (!matches) continue;
      if (mode === "allow") allowed |= open & operations;
      open &= ~operations;
    }
    if (this.#allowsRest) return allowed | open;
    return open === 0 ? allowed : allowed | leads;
  }

  /** The number of the rule that decides about an operation (by its bit), or -1 for the default. */
  ruleFor(path: string, operation: number): number {
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as Rule;
      if ((rule.operations & operation) !== 0 && this.#matches(rule, path)) return i;
    }
    return -1;
  }

  /**
   * An operation that would be allowed on something below `to` and isn't on the same thing below `from`,
   * or 0: a tree that moves must not win rights. What can't be told is taken for a win.
   */
  wonByMoving(from: string, to: string): number {
    for (let operation = 1; operation <= ALL; operation <<= 1) {
      if (this.#wins(operation, from, to)) return operation;
    }
    return 0;
  }

  #wins(operation: number, from: string, to: string): boolean {
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as Rule;
      if ((rule.operations & operation) === 0) continue;
      // Where a rule says the same of both trees, only those that follow can tell them apart.
      if (!this.#isAlike(rule, from, to)) {
        return this.#mayBe("allow", i, operation, to) && this.#mayBe("deny", i, operation, from);
      }
      if (this.#share(rule, from) === EVERYTHING) return false;
    }
    return false;
  }

  /** Whether, from a rule on, something at or below a path may be so decided. */
  #mayBe(mode: Rule["mode"], first: number, operation: number, path: string): boolean {
    for (let i = first; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as Rule;
      if ((rule.operations & operation) === 0) continue;
      const share = this.#share(rule, path);
      if (share !== NOTHING && rule.mode === mode) return true;
      if (share === EVERYTHING) return false;
    }
    return this.#allowsRest === (mode === "allow");
  }

  #matches({ patterns }: Rule, path: string): boolean {
    if (patterns === null) return true;
    for (let i = 0; i < patterns.length; i++) {
      const pattern = patterns[i] as PathPattern;
      if (advance(pattern, path, this.#places) && isMatch(pattern, this.#places)) return true;
    }
    return false;
  }

  #share({ patterns }: Rule, path: string): number {
    if (patterns === null) return EVERYTHING;
    let share = NOTHING;
    for (let i = 0; i < patterns.length; i++) {
      const pattern = patterns[i] as PathPattern;
      if (!advance(pattern, path, this.#places)) continue;
      if (coversBelow(pattern, this.#places)) return EVERYTHING;
      share = SOME;
    }
    return share;
  }

  #isAlike({ patterns }: Rule, from: string, to: string): boolean {
    for (let i = 0; patterns !== null && i < patterns.length; i++) {
      const pattern = patterns[i] as PathPattern;
      advance(pattern, from, this.#places);
      advance(pattern, to, this.#others);
      for (let place = 0; place <= pattern.length; place++) {
        if (this.#places[place] !== this.#others[place]) return false;
      }
    }
    return true;
  }
}
