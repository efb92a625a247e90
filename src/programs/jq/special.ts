import type { Evaluator } from "./evaluate.js";
import { deletePaths, getPath } from "./paths.js";
import { type Result, type Results, results, type Scope, type Surroundings } from "./scope.js";
import type { Filter } from "./tree.js";
import { compareJson, JqError, type Json, toJson, typeName } from "./values.js";

/** The functions that are more than functions of values. */
export class SpecialFunctions {
  readonly #evaluator: Evaluator;
  readonly #surroundings: Surroundings;

  constructor(evaluator: Evaluator, surroundings: Surroundings) {
    this.#evaluator = evaluator;
    this.#surroundings = surroundings;
  }

  /** What needs the filter itself, the paths or the surroundings; null for all others. */
  call(key: string, args: Filter[], scope: Scope, input: Result): Results | null {
    const [first, second] = args as [Filter, Filter];
    const { value } = input;
    const made = (values: Iterable<Json>) => results(values);
    switch (key) {
      case "empty/0":
        return results([]);
      case "path/1":
        return made(this.#evaluator.paths(first, scope, value));
      case "paths/0":
        return made(
          [...this.#evaluator.paths({ kind: "recurse" }, scope, value)].filter((path) => path.length > 0),
        );
      case "getpath/1":
        return this.#getPath(first, scope, input);
      case "del/1":
        return made([deletePaths(value, [...this.#evaluator.paths(first, scope, value)])]);
      case "sort_by/1":
      case "group_by/1":
      case "unique_by/1":
      case "min_by/1":
      case "max_by/1":
        return made([this.#by(key, first, scope, value)]);
      case "limit/2":
        return this.#limit(first, second, scope, input);
      case "first/1":
        return this.#limit({ kind: "literal", value: 1 }, first, scope, input);
      case "input/0":
        return made([this.#input()]);
      case "inputs/0":
        return made(this.#inputs());
      case "debug/0":
        this.#surroundings.debug(`["DEBUG:",${toJson(value)}]\n`);
        return results([value], input.path);
      case "stderr/0":
        this.#surroundings.debug(typeof value === "string" ? value : toJson(value));
        return results([value], input.path);
      case "env/0":
        return made([this.#surroundings.env]);
      default:
        return null;
    }
  }

  *#getPath(filter: Filter, scope: Scope, input: Result): Results {
    for (const path of this.#evaluator.values(filter, scope, input.value)) {
      if (!Array.isArray(path)) throw new JqError("Path must be specified as an array");
      yield {
        value: getPath(input.value, path),
        path: input.path === null ? null : [...input.path, ...path],
      };
    }
  }

  *#limit(count: Filter, body: Filter, scope: Scope, input: Result): Results {
    for (const most of this.#evaluator.values(count, scope, input.value)) {
      let left = Number(most);
      if (left <= 0) continue;
      for (const result of this.#evaluator.run(body, scope, input)) {
        yield result;
        if (--left <= 0) break;
      }
    }
  }

  #input(): Json {
    const next = this.#surroundings.input();
    if (next === undefined) throw new JqError("No more inputs");
    return next;
  }

  *#inputs(): Generator<Json, void> {
    for (let next = this.#surroundings.input(); next !== undefined; next = this.#surroundings.input())
      yield next;
  }

  #by(key: string, filter: Filter, scope: Scope, value: Json): Json {
    if (!Array.isArray(value)) throw new JqError(`Cannot index ${typeName(value)} with number`);
    const rows = value.map((item) => ({
      item,
      by: [...this.#evaluator.values(filter, scope, item)] as Json,
    }));
    const name = key.split("_")[0];
    if (name === "min" || name === "max") {
      const sign = name === "min" ? 1 : -1;
      // Of equals the first is the least, and the last the greatest.
      const best = rows.reduce<(typeof rows)[number] | null>((found, row) => {
        const order = found === null ? -1 : sign * compareJson(row.by, found.by);
        return order < 0 || (order === 0 && name === "max") ? row : found;
      }, null);
      return best?.item ?? null;
    }
    rows.sort((a, b) => compareJson(a.by, b.by));
    if (name === "sort") return rows.map(({ item }) => item);
    const groups: Json[][] = [];
    for (const [at, row] of rows.entries())
      if (at > 0 && compareJson((rows[at - 1] as typeof row).by, row.by) === 0) groups.at(-1)?.push(row.item);
      else groups.push([row.item]);
    return name === "group" ? groups : groups.map(([one]) => one as Json);
  }
}
