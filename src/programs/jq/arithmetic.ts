import { compareJson, JqError, type Json, toJson, typeName } from "./values.js";

/** The most that a repeated text may come to. */
const MOST = 256 * 1024 * 1024;

export function arithmetic(operator: string, left: Json, right: Json): Json {
  switch (operator) {
    case "==":
      return compareJson(left, right) === 0;
    case "!=":
      return compareJson(left, right) !== 0;
    case "<":
      return compareJson(left, right) < 0;
    case "<=":
      return compareJson(left, right) <= 0;
    case ">":
      return compareJson(left, right) > 0;
    case ">=":
      return compareJson(left, right) >= 0;
    case "+":
      return add(left, right);
    case "-":
      return subtract(left, right);
    case "*":
      return multiply(left, right);
    case "/":
      return divide(left, right);
    default:
      return remainder(left, right);
  }
}

function fail(left: Json, right: Json, what: string): never {
  const shown = (value: Json) => {
    const text = toJson(value);
    return `${typeName(value)} (${text.length > 11 ? `${text.slice(0, 10)}...` : text})`;
  };
  throw new JqError(`${shown(left)} and ${shown(right)} cannot be ${what}`);
}

export function add(left: Json, right: Json): Json {
  if (left === null) return right;
  if (right === null) return left;
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  if (left instanceof Map && right instanceof Map) return new Map([...left, ...right]);
  return fail(left, right, "added");
}

function subtract(left: Json, right: Json): Json {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (Array.isArray(left) && Array.isArray(right))
    return left.filter((one) => !right.some((other) => compareJson(one, other) === 0));
  return fail(left, right, "subtracted");
}

function multiply(left: Json, right: Json): Json {
  if (typeof left === "number" && typeof right === "number") return left * right;
  const [text, times] = typeof left === "string" ? [left, right] : [right, left];
  if (typeof text === "string" && typeof times === "number") {
    if (times <= 0) return null;
    const count = times < 1 ? 1 : Math.floor(times);
    if (text.length * count > MOST) throw new JqError("Repeat string result too long");
    return text.repeat(count);
  }
  if (left instanceof Map && right instanceof Map) return merged(left, right);
  return fail(left, right, "multiplied");
}

function merged(left: Map<string, Json>, right: Map<string, Json>): Map<string, Json> {
  const made = new Map(left);
  for (const [key, value] of right) {
    const there = made.get(key);
    made.set(key, there instanceof Map && value instanceof Map ? merged(there, value) : value);
  }
  return made;
}

function divide(left: Json, right: Json): Json {
  if (typeof left === "number" && typeof right === "number")
    return right === 0 ? fail(left, right, "divided because the divisor is zero") : left / right;
  if (typeof left === "string" && typeof right === "string") return left === "" ? [] : left.split(right);
  return fail(left, right, "divided");
}

function remainder(left: Json, right: Json): Json {
  if (typeof left !== "number" || typeof right !== "number") return fail(left, right, "divided");
  const divisor = Math.trunc(right);
  if (divisor === 0) return fail(left, right, "divided because the divisor is zero");
  return Math.trunc(left) % divisor || 0;
}
