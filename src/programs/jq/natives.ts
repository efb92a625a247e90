import { formatDate } from "../process/date.js";
import { add } from "./arithmetic.js";
import { described, list, number, text } from "./checks.js";
import { toText } from "./formats.js";
import { child, deletePaths, indexesOf, type Path, setPath } from "./paths.js";
import { matchAll } from "./regexes.js";
import { brokenDown, isoSeconds, seconds } from "./times.js";
import { compareJson, JqError, type Json, parseJson, sortedKeys, toJson, typeName } from "./values.js";

/** A function of values: the first is what it is applied to. */
export type Native = (input: Json, ...args: Json[]) => Iterable<Json>;

/** Thrown where a program ends jq. */
export class Halt {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    this.status = status;
    this.text = text;
  }
}

const one =
  (make: (input: Json, ...args: Json[]) => Json): Native =>
  (input, ...args) => [make(input, ...args)];

const mathematics = (make: (number: number) => number): Native => one((input) => make(number(input)));

function length(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === "boolean") throw new JqError(`${described(value)} has no length`);
  if (typeof value === "number") return Math.abs(value);
  if (typeof value === "string") return Array.from(value).length;
  return Array.isArray(value) ? value.length : value.size;
}

function keys(value: Json): Json[] {
  if (Array.isArray(value)) return value.map((_, at) => at);
  if (value instanceof Map) return sortedKeys(value);
  throw new JqError(`${described(value)} has no keys`);
}

function has(value: Json, key: Json): boolean {
  if (value instanceof Map && typeof key === "string") return value.has(key);
  if (Array.isArray(value) && typeof key === "number") return key >= 0 && key < value.length;
  throw new JqError(
    `Cannot check whether ${typeName(value)} has a ${typeof key === "string" ? "string" : typeName(key)} key`,
  );
}

function contains(value: Json, part: Json): boolean {
  if (typeof value === "string" && typeof part === "string") return value.includes(part);
  if (Array.isArray(value) && Array.isArray(part))
    return part.every((wanted) =>
      value.some((each) => typeName(each) === typeName(wanted) && contains(each, wanted)),
    );
  if (value instanceof Map && part instanceof Map)
    return [...part].every(([key, wanted]) => value.has(key) && contains(value.get(key) as Json, wanted));
  if (typeName(value) === typeName(part)) return compareJson(value, part) === 0;
  throw new JqError(`${described(value)} and ${described(part)} cannot have their containment checked`);
}

function sorted(value: Json): Json[] {
  return [...list(value)].sort(compareJson);
}

function flattened(value: Json[], depth: number): Json[] {
  return value.flatMap((each) => (Array.isArray(each) && depth > 0 ? flattened(each, depth - 1) : [each]));
}

function indices(value: Json, sought: Json): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return indexesOf(value, Array.isArray(sought) ? sought : [sought]);
  const [whole, part] = [text(value, "cannot be searched"), text(sought, "cannot be searched for")];
  const found: Json[] = [];
  if (part !== "")
    for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1))
      found.push(Array.from(whole.slice(0, at)).length);
  return found;
}

function* range(from: Json, to: Json, by: Json): Generator<Json, void> {
  const [start, end, step] = [number(from), number(to), number(by)];
  if (step === 0) return;
  for (let at = start; step > 0 ? at < end : at > end; at += step) yield at;
}

function fromEntries(value: Json): Map<string, Json> {
  const made = new Map<string, Json>();
  for (const entry of list(value, "cannot be made into an object")) {
    const get = (...names: string[]): Json => {
      for (const name of names) {
        const found = child(entry, name);
        if (found !== null && found !== false) return found;
      }
      return null;
    };
    const key = get("key", "k", "name", "Name", "Key", "K");
    const value =
      entry instanceof Map && !entry.has("value") ? get("v", "Value", "V") : child(entry, "value");
    made.set(typeof key === "string" ? key : toJson(key), value);
  }
  return made;
}

function toNumber(value: Json): number {
  if (typeof value === "number") return value;
  const given = text(value, "cannot be parsed as a number");
  if (!/^\s*-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(given))
    throw new JqError(`${described(value)} cannot be parsed as a number`);
  return Number(given);
}

function trimmed(value: Json, start: boolean, end: boolean): string {
  const given = text(value, "cannot be trimmed");
  return given.slice(start ? given.search(/\S|$/) : 0, end ? given.search(/\s*$/) : undefined);
}

function transposed(value: Json): Json[] {
  const rows = list(value).map((row) => list(row));
  const width = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, at) => rows.map((row) => row[at] ?? null));
}

export const natives: Readonly<Record<string, Native>> = {
  "abs/0": mathematics(Math.abs),
  "add/0": one((value) =>
    (value instanceof Map ? [...value.values()] : list(value, "cannot be iterated over")).reduce(add, null),
  ),
  "all/0": one((value) => list(value, "is no array").every((each) => each !== null && each !== false)),
  "any/0": one((value) => list(value, "is no array").some((each) => each !== null && each !== false)),
  "ascii_downcase/0": one((value) =>
    text(value, "cannot be lowercased").replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  ),
  "ascii_upcase/0": one((value) =>
    text(value, "cannot be uppercased").replace(/[a-z]+/g, (part) => part.toUpperCase()),
  ),
  "ceil/0": mathematics(Math.ceil),
  "contains/1": one(contains),
  "delpaths/1": one((value, paths) => deletePaths(value, list(paths) as Path[])),
  "endswith/1": one((value, part) => {
    if (typeof value !== "string" || typeof part !== "string")
      throw new JqError("endswith() requires string inputs");
    return value.endsWith(part);
  }),
  "error/0": (value) => {
    throw new JqError(value);
  },
  "exp/0": mathematics(Math.exp),
  "explode/0": one((value) =>
    Array.from(text(value, "cannot be exploded"), (each) => each.codePointAt(0) as number),
  ),
  "fabs/0": mathematics(Math.abs),
  "flatten/0": one((value) => flattened(list(value), Number.POSITIVE_INFINITY)),
  "flatten/1": one((value, depth) => {
    if (number(depth) < 0) throw new JqError("flatten depth must not be negative");
    return flattened(list(value), number(depth));
  }),
  "floor/0": mathematics(Math.floor),
  "from_entries/0": one(fromEntries),
  "fromdateiso8601/0": one(isoSeconds),
  "fromjson/0": one((value) => {
    try {
      return parseJson(text(value, "only strings can be parsed"));
    } catch (error) {
      throw new JqError(
        `${(error as Error).message.replace(/^parse error: /, "")} (while parsing '${toText(value)}')`,
      );
    }
  }),
  "gmtime/0": one(brokenDown),
  "halt/0": () => {
    throw new Halt(0, "");
  },
  "halt_error/1": (value, status) => {
    throw new Halt(number(status), typeof value === "string" ? value : `${toJson(value)}\n`);
  },
  "has/1": one(has),
  "implode/0": one((value) =>
    String.fromCodePoint(...list(value, "cannot be imploded, must be an array of codepoints").map(number)),
  ),
  "indices/1": one(indices),
  "infinite/0": one(() => Number.POSITIVE_INFINITY),
  "isinfinite/0": one((value) => Math.abs(number(value)) === Number.POSITIVE_INFINITY),
  "isnan/0": one((value) => Number.isNaN(number(value))),
  "isnormal/0": one(
    (value) => Number.isFinite(number(value)) && Math.abs(number(value)) >= 2.2250738585072014e-308,
  ),
  "join/1": one((value, joint) =>
    list(value, "cannot be joined")
      .map((each) => {
        if (each !== null && typeof each === "object")
          throw new JqError(`${described(joint as Json)} and ${described(each)} cannot be added`);
        return each === null ? "" : toText(each);
      })
      .join(text(joint as Json, "cannot join")),
  ),
  "keys/0": one(keys),
  "keys_unsorted/0": one((value) => (value instanceof Map ? [...value.keys()] : keys(value))),
  "length/0": one(length),
  "log/0": mathematics(Math.log),
  "log10/0": mathematics(Math.log10),
  "log2/0": mathematics(Math.log2),
  "ltrim/0": one((value) => trimmed(value, true, false)),
  "ltrimstr/1": one((value, part) =>
    typeof value === "string" && typeof part === "string" && value.startsWith(part)
      ? value.slice(part.length)
      : value,
  ),
  "max/0": one((value) => sorted(value).at(-1) ?? null),
  "min/0": one((value) => sorted(value)[0] ?? null),
  "mktime/0": one(seconds),
  "nan/0": one(() => Number.NaN),
  "not/0": one((value) => value === null || value === false),
  "now/0": one(() => Date.now() / 1000),
  "pow/2": one((_, base, power) => number(base as Json) ** number(power as Json)),
  "range/2": (_, from, to) => range(from as Json, to as Json, 1),
  "range/3": (_, from, to, by) => range(from as Json, to as Json, by as Json),
  "reverse/0": one((value) => {
    if (value === null) return [];
    return typeof value === "string"
      ? Array.from(value).reverse().join("")
      : [...list(value, "cannot be reversed, as it is not an array")].reverse();
  }),
  "round/0": mathematics((value) => Math.sign(value) * Math.round(Math.abs(value))),
  "rtrim/0": one((value) => trimmed(value, false, true)),
  "rtrimstr/1": one((value, part) =>
    typeof value === "string" && typeof part === "string" && part !== "" && value.endsWith(part)
      ? value.slice(0, -part.length)
      : value,
  ),
  "setpath/2": one((value, path, put) =>
    setPath(value, list(path as Json, "Path must be specified as an array"), () => put as Json),
  ),
  "sort/0": one(sorted),
  "split/1": one((value, separator) => {
    if (typeof value !== "string" || typeof separator !== "string")
      throw new JqError("split input and separator must be strings");
    return value === "" ? [] : value.split(separator);
  }),
  "split/2": one((value, regex, flags) => {
    const whole = text(value, "cannot be split");
    const parts: Json[] = [];
    let last = 0;
    for (const { index, length: size } of matchAll(whole, regex as Json, `g${flags ?? ""}`)) {
      parts.push(whole.slice(last, index));
      last = index + size;
    }
    return [...parts, whole.slice(last)];
  }),
  "sqrt/0": mathematics(Math.sqrt),
  "startswith/1": one((value, part) => {
    if (typeof value !== "string" || typeof part !== "string")
      throw new JqError("startswith() requires string inputs");
    return value.startsWith(part);
  }),
  "strftime/1": one((value, format) =>
    formatDate(text(format as Json, "is no format"), new Date(seconds(value) * 1000), true),
  ),
  "to_entries/0": one((value) => {
    if (value === null || typeof value !== "object") throw new JqError(`${described(value)} has no keys`);
    return [...value.entries()].map(
      ([key, inside]) =>
        new Map<string, Json>([
          ["key", key],
          ["value", inside],
        ]),
    );
  }),
  "tojson/0": one((value) => toJson(value)),
  "tonumber/0": one(toNumber),
  "tostring/0": one(toText),
  "transpose/0": one(transposed),
  "trim/0": one((value) => trimmed(value, true, true)),
  "trunc/0": mathematics(Math.trunc),
  "type/0": one(typeName),
  "unique/0": one((value) =>
    sorted(value).filter((each, at, all) => at === 0 || compareJson(all[at - 1] as Json, each) !== 0),
  ),
  "utf8bytelength/0": one((value) => Buffer.byteLength(text(value, "only strings have UTF-8 byte length"))),
  "_match/3": one((value, regex, flags, first) => {
    const whole = text(value, "cannot be matched, as it is not a string");
    const found = matchAll(whole, regex as Json, toText(flags ?? null));
    return (first === true ? found.slice(0, 1) : found).map(({ match }) => match);
  }),
};
