import type { Evaluator } from "./evaluate.js";
import { child } from "./paths.js";
import { Scope } from "./scope.js";
import type { Pattern } from "./tree.js";
import { JqError, type Json, typeName } from "./values.js";

/** Binds the parts of values to names. */
export class Patterns {
  readonly #evaluator: Evaluator;

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  /** The scopes with the names in them: one for each way in which keys come out. */
  *match(pattern: Pattern, scope: Scope, value: Json): Generator<Scope, void> {
    if (pattern.kind === "name") yield new Scope(scope).set(pattern.name, value);
    else if (pattern.kind === "array") {
      if (value !== null && !Array.isArray(value))
        throw new JqError(`Cannot index ${typeName(value)} with number`);
      yield* this.#matchAll(
        pattern.items.map((item, at) => ({ item, value: child(value, at) })),
        scope,
        0,
      );
    } else yield* this.#matchEntries(pattern.entries, scope, value, 0);
  }

  *#matchAll(items: { item: Pattern; value: Json }[], scope: Scope, at: number): Generator<Scope, void> {
    const next = items[at];
    if (next === undefined) yield scope;
    else
      for (const inner of this.match(next.item, scope, next.value))
        yield* this.#matchAll(items, inner, at + 1);
  }

  *#matchEntries(
    entries: (Pattern & { kind: "object" })["entries"],
    scope: Scope,
    value: Json,
    at: number,
  ): Generator<Scope, void> {
    const entry = entries[at];
    if (entry === undefined) {
      yield scope;
      return;
    }
    for (const key of this.#evaluator.values(entry.key, scope, value)) {
      if (typeof key !== "string") throw new JqError(`Cannot index ${typeName(value)} with ${typeName(key)}`);
      const inside = child(value, key);
      const named = entry.name === null ? scope : new Scope(scope).set(entry.name, inside);
      const scopes = entry.value === null ? [named] : this.match(entry.value, named, inside);
      for (const inner of scopes) yield* this.#matchEntries(entries, inner, value, at + 1);
    }
  }
}

/** The names in a pattern. */
export function namesOf(pattern: Pattern): string[] {
  if (pattern.kind === "name") return [pattern.name];
  if (pattern.kind === "array") return pattern.items.flatMap(namesOf);
  return pattern.entries.flatMap(({ name, value }) => [
    ...(name === null ? [] : [name]),
    ...(value === null ? [] : namesOf(value)),
  ]);
}
