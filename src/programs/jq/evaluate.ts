import { arithmetic } from "./arithmetic.js";
import { formatText } from "./formats.js";
import { syntaxError } from "./lexer.js";
import { natives } from "./natives.js";
import { deletePaths, getPath, type Path, setPath } from "./paths.js";
import { namesOf, Patterns } from "./patterns.js";
import { preludeOf } from "./prelude.js";
import { each, type Result, type Results, Scope, type Surroundings, step } from "./scope.js";
import { SpecialFunctions } from "./special.js";
import type { Filter } from "./tree.js";
import { JqError, type Json, toJson, truthy, typeName } from "./values.js";

/** Thrown by `break`, for its label. */
class Break {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }
}

/** Runs filters. */
export class Evaluator {
  readonly #surroundings: Surroundings;
  readonly #special: SpecialFunctions;
  readonly #patterns = new Patterns(this);

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#special = new SpecialFunctions(this, surroundings);
  }

  *values(filter: Filter, scope: Scope, value: Json): Generator<Json, void> {
    for (const result of this.run(filter, scope, { value, path: null })) yield result.value;
  }

  *paths(filter: Filter, scope: Scope, value: Json): Generator<Path, void> {
    for (const { path } of this.run(filter, scope, { value, path: [] })) yield path as Path;
  }

  *run(filter: Filter, scope: Scope, input: Result): Results {
    switch (filter.kind) {
      case "identity":
        yield input;
        return;
      case "recurse":
        yield* this.#recurse(input);
        return;
      case "index":
        for (const target of this.run(filter.target, scope, input))
          for (const index of this.values(filter.index, scope, input.value)) yield step(target, index);
        return;
      case "slice":
        yield* this.#slice(filter, scope, input);
        return;
      case "each":
        for (const target of this.run(filter.target, scope, input)) yield* each(target);
        return;
      case "pipe":
        for (const left of this.run(filter.left, scope, input)) yield* this.run(filter.right, scope, left);
        return;
      case "comma":
        yield* this.run(filter.left, scope, input);
        yield* this.run(filter.right, scope, input);
        return;
      case "try":
        yield* this.#try(filter, scope, input);
        return;
      case "alternative":
        yield* this.#alternative(filter, scope, input);
        return;
      case "if":
        for (const test of this.values(filter.test, scope, input.value))
          yield* this.run(truthy(test) ? filter.yes : filter.no, scope, input);
        return;
      case "define": {
        const inner = new Scope(scope);
        inner.define(filter.name, { parameters: filter.parameters, body: filter.body, scope: inner });
        yield* this.run(filter.rest, inner, input);
        return;
      }
      case "bind":
        yield* this.#bind(filter, scope, input);
        return;
      case "reduce":
      case "foreach":
        yield* this.#fold(filter, scope, input);
        return;
      case "label":
        try {
          yield* this.run(filter.body, scope, input);
        } catch (error) {
          if (!(error instanceof Break && error.label === filter.name)) throw error;
        }
        return;
      case "break":
        throw new Break(filter.name);
      case "call":
        yield* this.#call(filter.name, filter.args, scope, input);
        return;
      default:
        for (const value of this.#made(filter, scope, input.value)) {
          if (input.path !== null && filter.kind !== "literal")
            throw new JqError(`Invalid path expression with result ${toJson(value).slice(0, 30)}`);
          yield { value, path: input.path === null ? null : [] };
        }
    }
  }

  /** What is new, and nowhere in the input. */
  *#made(filter: Filter, scope: Scope, input: Json): Generator<Json, void> {
    switch (filter.kind) {
      case "literal":
        yield filter.value;
        return;
      case "text":
        yield* this.#text(filter.format, filter.parts, scope, input, 0, "");
        return;
      case "format":
        yield formatText(filter.name, input);
        return;
      case "array":
        yield filter.body === null ? [] : [...this.values(filter.body, scope, input)];
        return;
      case "object":
        yield* this.#object(filter.entries, scope, input, 0, new Map());
        return;
      case "negate":
        for (const value of this.values(filter.body, scope, input)) {
          if (typeof value !== "number")
            throw new JqError(`${typeName(value)} (${toJson(value)}) cannot be negated`);
          yield -value;
        }
        return;
      case "and":
      case "or":
        for (const left of this.values(filter.left, scope, input))
          if (truthy(left) === (filter.kind === "or")) yield filter.kind === "or";
          else for (const right of this.values(filter.right, scope, input)) yield truthy(right);
        return;
      case "binary":
        // As jq: the right side is the outer loop.
        for (const right of this.values(filter.right, scope, input))
          for (const left of this.values(filter.left, scope, input))
            yield arithmetic(filter.operator, left, right);
        return;
      case "assign":
        yield* this.#assign(filter, scope, input);
        return;
      case "variable": {
        const value = filter.name === "ENV" ? this.#surroundings.env : scope.variable(filter.name);
        if (value === undefined) throw syntaxError(`$${filter.name} is not defined`);
        yield value;
        return;
      }
    }
  }

  *#recurse(input: Result): Results {
    yield input;
    if (input.value !== null && typeof input.value === "object")
      for (const inside of each(input)) yield* this.#recurse(inside);
  }

  *#slice(filter: Filter & { kind: "slice" }, scope: Scope, input: Result): Results {
    const none: Filter = { kind: "literal", value: null };
    for (const target of this.run(filter.target, scope, input))
      for (const end of this.values(filter.to ?? none, scope, input.value))
        for (const start of this.values(filter.from ?? none, scope, input.value))
          yield step(
            target,
            new Map<string, Json>([
              ["start", start],
              ["end", end],
            ]),
          );
  }

  *#try({ body, caught }: Filter & { kind: "try" }, scope: Scope, input: Result): Results {
    try {
      yield* this.run(body, scope, input);
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      const { value } = error;
      // `error(null)` ends without a word, and what `break` throws is no error.
      if (caught !== null) yield* this.run(caught, scope, { value, path: input.path === null ? null : [] });
    }
  }

  *#alternative({ left, right }: Filter & { kind: "alternative" }, scope: Scope, input: Result): Results {
    let found = false;
    try {
      for (const result of this.run(left, scope, input))
        if (truthy(result.value)) {
          found = true;
          yield result;
        }
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
    }
    if (!found) yield* this.run(right, scope, input);
  }

  *#bind({ source, patterns, body }: Filter & { kind: "bind" }, scope: Scope, input: Result): Results {
    const names = patterns.length > 1 ? patterns.flatMap(namesOf) : [];
    for (const value of this.values(source, scope, input.value))
      for (const [at, pattern] of patterns.entries())
        try {
          const base = new Scope(scope);
          for (const name of names) base.set(name, null);
          for (const inner of this.#patterns.match(pattern, base, value)) yield* this.run(body, inner, input);
          break;
        } catch (error) {
          if (!(error instanceof JqError) || at === patterns.length - 1) throw error;
        }
  }

  *#fold(filter: Filter & { kind: "reduce" | "foreach" }, scope: Scope, input: Result): Results {
    for (const first of this.run(filter.first, scope, input)) {
      let state: Result | null = first;
      for (const item of this.values(filter.source, scope, input.value))
        for (const inner of this.#patterns.match(filter.pattern, scope, item)) {
          const from: Result = state ?? { value: null, path: input.path === null ? null : [] };
          state = null;
          for (const next of this.run(filter.update, inner, from)) {
            state = next;
            if (filter.kind === "reduce") continue;
            if (filter.shown === null) yield next;
            else yield* this.run(filter.shown, inner, next);
          }
        }
      if (filter.kind === "reduce") yield state ?? { value: null, path: input.path === null ? null : [] };
    }
  }

  *#text(
    format: string,
    parts: (string | Filter)[],
    scope: Scope,
    input: Json,
    at: number,
    text: string,
  ): Generator<Json, void> {
    const part = parts[at];
    if (part === undefined) yield text;
    else if (typeof part === "string") yield* this.#text(format, parts, scope, input, at + 1, text + part);
    else
      for (const value of this.values(part, scope, input))
        yield* this.#text(format, parts, scope, input, at + 1, text + formatText(format, value));
  }

  *#object(
    entries: { key: Filter; value: Filter }[],
    scope: Scope,
    input: Json,
    at: number,
    made: Map<string, Json>,
  ): Generator<Json, void> {
    const entry = entries[at];
    if (entry === undefined) {
      yield made;
      return;
    }
    for (const key of this.values(entry.key, scope, input)) {
      if (typeof key !== "string") throw new JqError(`Object keys must be strings`);
      for (const value of this.values(entry.value, scope, input))
        yield* this.#object(entries, scope, input, at + 1, new Map(made).set(key, value));
    }
  }

  *#assign(
    { operator, target, value }: Filter & { kind: "assign" },
    scope: Scope,
    input: Json,
  ): Generator<Json, void> {
    if (operator === "|=") {
      let result = input;
      const gone: Path[] = [];
      for (const path of this.paths(target, scope, input)) {
        const { value: made, done } = this.values(value, scope, getPath(result, path)).next();
        if (done) gone.push(path);
        else result = setPath(result, path, () => made as Json);
      }
      yield gone.length === 0 ? result : deletePaths(result, gone);
      return;
    }
    const plain = operator.slice(0, -1);
    for (const right of this.values(value, scope, input)) {
      let result = input;
      for (const path of this.paths(target, scope, input))
        result = setPath(result, path, (old) => {
          if (plain === "") return right;
          if (plain === "//") return truthy(old) ? old : right;
          return arithmetic(plain, old, right);
        });
      yield result;
    }
  }

  *#call(name: string, args: Filter[], scope: Scope, input: Result): Results {
    const key = `${name}/${args.length}`;
    const closure = scope.function(key) ?? preludeOf(key);
    if (closure !== undefined) {
      yield* this.#apply(closure, args, scope, input);
      return;
    }
    const special = this.#special.call(key, args, scope, input);
    if (special !== null) {
      yield* special;
      return;
    }
    const native = natives[key];
    if (native === undefined) throw syntaxError(`${key} is not defined`);
    for (const values of this.#product(args, scope, input.value, []))
      for (const value of native(input.value, ...values)) {
        if (input.path !== null && key !== "empty/0" && key !== "error/0")
          throw new JqError(`Invalid path expression with result ${toJson(value).slice(0, 30)}`);
        yield { value, path: null };
      }
  }

  *#product(args: Filter[], scope: Scope, input: Json, values: Json[]): Generator<Json[], void> {
    const argument = args[args.length - values.length - 1];
    if (argument === undefined) yield values;
    // The last argument is the outer loop.
    else
      for (const value of this.values(argument, scope, input))
        yield* this.#product(args, scope, input, [value, ...values]);
  }

  *#apply(
    closure: { parameters: string[]; body: Filter; scope: Scope | null },
    args: Filter[],
    scope: Scope,
    input: Result,
  ): Results {
    const base = new Scope(closure.scope);
    const valued: [name: string, argument: Filter][] = [];
    for (const [at, parameter] of closure.parameters.entries()) {
      const argument = args[at] as Filter;
      const name = parameter.replace(/^\$/, "");
      if (name !== parameter) valued.push([name, argument]);
      base.define(name, { parameters: [], body: argument, scope });
    }
    yield* this.#withValues(valued, 0, base, scope, closure.body, input);
  }

  *#withValues(
    valued: [string, Filter][],
    at: number,
    inner: Scope,
    scope: Scope,
    body: Filter,
    input: Result,
  ): Results {
    const next = valued[at];
    if (next === undefined) yield* this.run(body, inner, input);
    else
      for (const value of this.values(next[1], scope, input.value)) {
        const bound = new Scope(inner).set(next[0], value);
        bound.define(next[0], { parameters: [], body: { kind: "variable", name: next[0] }, scope: bound });
        yield* this.#withValues(valued, at + 1, bound, scope, body, input);
      }
  }
}
