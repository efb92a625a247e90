import { JqError, type Json, toJson, typeName } from "./values.js";

export function described(value: Json): string {
  return `${typeName(value)} (${toJson(value)})`;
}

export function text(value: Json, what: string): string {
  if (typeof value !== "string") throw new JqError(`${described(value)} ${what}`);
  return value;
}

export function list(value: Json, what = "cannot be sorted, as it is not an array"): Json[] {
  if (!Array.isArray(value)) throw new JqError(`${described(value)} ${what}`);
  return value;
}

export function number(value: Json): number {
  if (typeof value !== "number") throw new JqError(`${described(value)} number required`);
  return value;
}
