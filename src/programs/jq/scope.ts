import { child, type Path } from "./paths.js";
import type { Filter } from "./tree.js";
import { JqError, type Json, toJson, typeName } from "./values.js";

/** A value, and where it is in the input; null where that isn't asked for. */
export interface Result {
  value: Json;
  path: Path | null;
}

export type Results = Generator<Result, void>;

/** A function, or an argument that is a filter of the caller's. */
export interface Closure {
  parameters: string[];
  body: Filter;
  /** What it was defined in; for a function the scope that has it too. */
  scope: Scope;
}

/** The names in force. */
export class Scope {
  readonly #outer: Scope | null;
  readonly #functions = new Map<string, Closure>();
  readonly #variables = new Map<string, Json>();

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  define(name: string, closure: Closure): this {
    this.#functions.set(`${name}/${closure.parameters.length}`, closure);
    return this;
  }

  set(name: string, value: Json): this {
    this.#variables.set(name, value);
    return this;
  }

  function(key: string): Closure | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.#outer) {
      const found = scope.#functions.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  variable(name: string): Json | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.#outer) {
      const found = scope.#variables.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** What the machine around a filter gives it. */
export interface Surroundings {
  /** The next input, or undefined at the end. */
  input(): Json | undefined;
  /** Says something on stderr. */
  debug(text: string): void;
  env: Map<string, Json>;
}

export function* results(values: Iterable<Json>, path: Path | null = null): Results {
  for (const value of values) yield { value, path };
}

export function step({ value, path }: Result, index: Json): Result {
  return { value: child(value, index), path: path === null ? null : [...path, index] };
}

/** All that is in a value. */
export function* each({ value, path }: Result): Results {
  if (value === null || typeof value !== "object")
    throw new JqError(`Cannot iterate over ${typeName(value)} (${toJson(value)})`);
  for (const [key, inside] of value.entries())
    yield { value: inside, path: path === null ? null : [...path, key] };
}
