import { compareJson, JqError, type Json, toJson, typeName } from "./values.js";

export type Path = Json[];

/** What `.[index]` is: of an object by a key, of an array by a number, a slice or what to search for. */
export function child(target: Json, index: Json): Json {
  if (index instanceof Map) return slice(target, index.get("start") ?? null, index.get("end") ?? null);
  if (target === null && (typeof index === "string" || typeof index === "number" || index === null))
    return null;
  if (target instanceof Map && typeof index === "string") return target.get(index) ?? null;
  if (Array.isArray(target) && typeof index === "number") {
    const at = Math.floor(index);
    return target[at < 0 ? target.length + at : at] ?? null;
  }
  if (Array.isArray(target) && Array.isArray(index)) return indexesOf(target, index);
  throw new JqError(
    typeof index === "string" && !(target instanceof Map)
      ? `Cannot index ${typeName(target)} with "${index}"`
      : `Cannot index ${typeName(target)} with ${typeName(index)}`,
  );
}

export function indexesOf(target: Json[], sought: Json[]): Json[] {
  const found: Json[] = [];
  if (sought.length === 0) return found;
  for (let at = 0; at + sought.length <= target.length; at++)
    if (sought.every((one, offset) => compareJson(target[at + offset] as Json, one) === 0)) found.push(at);
  return found;
}

/** From where to where a slice goes, within a length. */
function bounds(length: number, from: Json, to: Json): [number, number] {
  const place = (value: Json, usual: number, round: (number: number) => number): number => {
    if (value === null) return usual;
    if (typeof value !== "number")
      throw new JqError("Start and end indices of an array slice must be numbers");
    const at = round(value);
    return Math.min(length, Math.max(0, at < 0 ? length + at : at));
  };
  const start = place(from, 0, Math.floor);
  return [start, Math.max(start, place(to, length, Math.ceil))];
}

function slice(target: Json, from: Json, to: Json): Json {
  if (target === null) return null;
  if (typeof target === "string") {
    const characters = Array.from(target);
    return characters.slice(...bounds(characters.length, from, to)).join("");
  }
  if (!Array.isArray(target)) throw new JqError(`Cannot index ${typeName(target)} with object`);
  return target.slice(...bounds(target.length, from, to));
}

export function getPath(value: Json, path: Path): Json {
  return path.reduce((inside: Json, step) => (inside === null ? null : child(inside, step)), value);
}

/** The value with another one at a path. */
export function setPath(value: Json, path: Path, put: (old: Json) => Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return put(value);
  return withChild(value, step, setPath(child(value, step), rest, put));
}

/** The most elements that one assignment may make. */
const MOST = 536_870_911;

function withChild(target: Json, index: Json, value: Json): Json {
  if (typeof index === "string" && (target === null || target instanceof Map)) {
    const made = new Map(target ?? []);
    return made.set(index, value);
  }
  if (typeof index === "number" && (target === null || Array.isArray(target))) {
    const made = [...(target ?? [])];
    const at = index < 0 ? made.length + Math.floor(index) : Math.floor(index);
    if (at < 0) throw new JqError("Out of bounds negative array index");
    if (at > MOST) throw new JqError("Array index too large");
    while (made.length < at) made.push(null);
    made[at] = value;
    return made;
  }
  if (index instanceof Map && (target === null || Array.isArray(target))) {
    const made = [...(target ?? [])];
    const [start, end] = bounds(made.length, index.get("start") ?? null, index.get("end") ?? null);
    if (!Array.isArray(value)) throw new JqError("A slice of an array can only be assigned another array");
    made.splice(start, end - start, ...value);
    return made;
  }
  throw new JqError(
    typeof index === "string"
      ? `Cannot index ${typeName(target)} with "${index}"`
      : `Cannot update field at ${typeName(index)} index of ${typeName(target)}`,
  );
}

/** The value without what is at some paths. */
export function deletePaths(value: Json, paths: readonly Path[]): Json {
  // The last ones first, since what is behind moves.
  return [...paths].sort(compareJson).reverse().reduce(deletePath, value);
}

function deletePath(value: Json, path: Path): Json {
  const [step, ...rest] = path;
  if (step === undefined || value === null) return null;
  if (rest.length > 0) {
    const inside = child(value, step);
    return inside === null ? value : withChild(value, step, deletePath(inside, rest));
  }
  if (value instanceof Map && typeof step === "string") {
    const made = new Map(value);
    made.delete(step);
    return made;
  }
  if (Array.isArray(value) && typeof step === "number") {
    const at = step < 0 ? value.length + step : step;
    return value.filter((_, each) => each !== at);
  }
  if (Array.isArray(value) && step instanceof Map) {
    const [start, end] = bounds(value.length, step.get("start") ?? null, step.get("end") ?? null);
    return [...value.slice(0, start), ...value.slice(end)];
  }
  throw new JqError(`Cannot delete field at ${typeName(step)} index of ${typeName(value)} (${toJson(step)})`);
}
