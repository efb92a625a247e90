import { JqError, type Json, toJson, typeName } from "./values.js";

/** A match as a value, and where it is in the text. */
interface Found {
  match: Map<string, Json>;
  index: number;
  length: number;
}

/** What an expression matches, or an array of it and its flags: all of it with the flag `g`. */
export function matchAll(text: string, given: Json, flags: string): Found[] {
  const [source, own] = Array.isArray(given) ? given : [given, null];
  if (typeof source !== "string")
    throw new JqError(
      `${typeName(source ?? null)} (${toJson(source ?? null)}) cannot be matched, as it is not a string`,
    );
  const letters = (flags === "null" ? "" : flags) + (typeof own === "string" ? own : "");
  const odd = /[^gimnpslx]/.exec(letters);
  if (odd !== null) throw new JqError(`${letters} is not a valid modifier string`);
  let regex: RegExp;
  try {
    const pattern = letters.includes("x")
      ? source.replace(/\\.|\s+|#.*$/gm, (part) => (part.startsWith("\\") ? part : ""))
      : source;
    regex = new RegExp(pattern, `gud${letters.includes("i") ? "i" : ""}${/[sp]/.test(letters) ? "s" : ""}`);
  } catch {
    throw new JqError(`${source} (at offset 0) is not a valid regex`);
  }
  const found: Found[] = [];
  for (const match of text.matchAll(regex)) {
    if (letters.includes("n") && match[0] === "") continue;
    found.push({ match: described(text, match), index: match.index, length: match[0].length });
    if (!letters.includes("g")) break;
  }
  return found;
}

function described(text: string, match: RegExpExecArray): Map<string, Json> {
  const characters = (part: string) => Array.from(part).length;
  const names = Object.keys(match.groups ?? {});
  const places = match.indices?.groups;
  const captures = match.slice(1).map((group, at): Json => {
    const range = match.indices?.[at + 1];
    const name =
      names.find((one) => range !== undefined && places?.[one] === range) ?? unmatchedName(match, names, at);
    return new Map<string, Json>([
      ["offset", range === undefined ? -1 : characters(text.slice(0, range[0]))],
      ["length", group === undefined ? 0 : characters(group)],
      ["string", group ?? null],
      ["name", name],
    ]);
  });
  return new Map<string, Json>([
    ["offset", characters(text.slice(0, match.index))],
    ["length", characters(match[0])],
    ["string", match[0]],
    ["captures", captures],
  ]);
}

/** The name of a group that took no part: where all groups have names, the one at its place. */
function unmatchedName(match: RegExpExecArray, names: readonly string[], at: number): string | null {
  return match.length - 1 === names.length ? (names[at] ?? null) : null;
}
