/**
 * Globs, from their text to what `match.ts` takes. Runs in the host alone.
 */
import {
  ANY_ONE,
  ANY_RUN,
  type CharacterSet,
  GLOBSTAR,
  MAX_SEGMENTS,
  type PathPattern,
  type SegmentPattern,
  type Wildcards,
} from "./match.js";

/** What is wrong with a pattern, as the end of "must be …". */
export class GlobError extends Error {}

/** The longest pattern, in UTF-16 units. */
export const MAX_PATTERN = 512;
/** What the braces of one pattern may stand for at most. */
const MAX_ALTERNATIVES = 64;

/** Characters that begin an extended glob when a parenthesis follows. */
const EXTENDED = "@!?*+";

/**
 * The patterns of paths that a glob stands for, several where it has braces. Relative ones are kept, and
 * match no path.
 */
export function parsePathGlob(glob: string): PathPattern[] {
  return expand(glob).map((text) => {
    // A globstar at the start stands for all from the root, with or without a slash.
    const rooted = text.startsWith("/") || text === "**" || text.startsWith("**/");
    const names = text.split("/").filter((name) => name !== "");
    if (names.length >= MAX_SEGMENTS) throw new GlobError(`a glob of less than ${MAX_SEGMENTS} names`);
    const pattern = names.map((name) => (name === "**" ? GLOBSTAR : parseSegment(name)));
    // Only a path's names are compared: one that no path has keeps a relative pattern from matching.
    if (!rooted) pattern.unshift("/");
    const last = pattern.at(-1);
    return last === GLOBSTAR || (last !== undefined && typeof last !== "string")
      ? pattern
      : [...pattern, GLOBSTAR];
  });
}

/** The patterns of names that a glob stands for. */
export function parseNameGlob(glob: string): SegmentPattern[] {
  return expand(glob).map(parseSegment);
}

/** The alternatives of a glob, each without braces. */
function expand(glob: string): string[] {
  if (glob === "") throw new GlobError("a glob that is not empty");
  if (glob.length > MAX_PATTERN) throw new GlobError(`a glob of at most ${MAX_PATTERN} characters`);
  if (glob.includes("\0")) throw new GlobError("a glob without NUL characters");
  const done: string[] = [];
  const open = [glob];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const braces = firstBraces(text);
    if (braces === null) {
      done.push(text);
    } else {
      const { start, end, parts } = braces;
      for (const part of parts) open.push(text.slice(0, start) + part + text.slice(end));
    }
    if (done.length + open.length > MAX_ALTERNATIVES) {
      throw new GlobError(`a glob whose braces stand for at most ${MAX_ALTERNATIVES} alternatives`);
    }
  }
  return [...new Set(done)];
}

/** The first pair of braces and what is between its commas. */
function firstBraces(text: string): { start: number; end: number; parts: string[] } | null {
  let start = -1;
  let depth = 0;
  let partStart = 0;
  const parts: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "\\") i++;
    else if (character === "[") i = setEnd(text, i);
    else if (character === "{") {
      if (depth++ === 0) {
        start = i;
        partStart = i + 1;
      }
    } else if (depth > 0 && (character === "," || character === "}") && depth === 1) {
      parts.push(text.slice(partStart, i));
      partStart = i + 1;
      if (character === "}") return checkBraces(text, { start, end: i + 1, parts });
    } else if (character === "}") {
      if (depth-- === 0)
        throw new GlobError(`a glob whose "}" has a "{" before it ("\\}" for the character)`);
    }
  }
  if (depth > 0) throw new GlobError(`a glob whose "{" is closed ("\\{" for the character)`);
  return null;
}

function checkBraces<B extends { parts: string[] }>(text: string, braces: B): B {
  if (braces.parts.length > 1) return braces;
  throw new GlobError(
    braces.parts[0]?.includes("..")
      ? `a glob that lists alternatives: ranges as in ${JSON.stringify(text)} are not known`
      : `a glob whose braces hold alternatives, as {a,b} ("\\{" for the character)`,
  );
}

/** Where the set that begins at `start` has its closing bracket. */
function setEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === "!" || text[at] === "^") at++;
  // A closing bracket that comes first is a member.
  if (text[at] === "]") at++;
  for (; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "]") return at;
    else if (text[at] === "/") break;
  }
  throw new GlobError(`a glob whose "[" is closed ("\\[" for the character)`);
}

/** One name: its text where it has no wildcard. */
function parseSegment(text: string): SegmentPattern {
  const tokens: Wildcards = [];
  let literal: string | null = "";
  for (let i = 0; i < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(i) as number);
    if (EXTENDED.includes(character) && text[i + 1] === "(") {
      throw new GlobError(
        `a glob without "${character}(": extended globs are not known ("\\(" for the character)`,
      );
    }
    if (character === "*") {
      // Two in a row are no more than one.
      if (tokens.at(-1) !== ANY_RUN) tokens.push(ANY_RUN);
      literal = null;
      i++;
    } else if (character === "?") {
      tokens.push(ANY_ONE);
      literal = null;
      i++;
    } else if (character === "[") {
      const end = setEnd(text, i);
      tokens.push(parseSet(text.slice(i + 1, end)));
      literal = null;
      i = end + 1;
    } else {
      if (character === "\\") i++;
      const code = text.codePointAt(i);
      if (code === undefined) throw new GlobError(`a glob that doesn't end in "\\"`);
      tokens.push(code);
      if (literal !== null) literal += String.fromCodePoint(code);
      i += code > 0xffff ? 2 : 1;
    }
  }
  return literal ?? tokens;
}

/** The members of a set, without its brackets. */
function parseSet(text: string): CharacterSet {
  if (/^\[:|\[[:.=]/u.test(text)) throw new GlobError("a glob without classes such as [:alpha:]");
  const negated = text.startsWith("!") || text.startsWith("^");
  const codes: { code: number; escaped: boolean }[] = [];
  const rest = [...(negated ? text.slice(1) : text)];
  for (let i = 0; i < rest.length; i++) {
    const escaped = rest[i] === "\\" && i + 1 < rest.length;
    if (escaped) i++;
    codes.push({ code: (rest[i] as string).codePointAt(0) as number, escaped });
  }
  const set: CharacterSet = [negated ? 1 : 0];
  for (let i = 0; i < codes.length; ) {
    const first = (codes[i] as { code: number }).code;
    const dash = codes[i + 1];
    const last = codes[i + 2];
    const isRange = dash !== undefined && !dash.escaped && dash.code === 45 && last !== undefined;
    if (isRange && last.code < first)
      throw new GlobError("a glob whose ranges begin with the lower character");
    set.push(first, isRange ? last.code : first);
    i += isRange ? 3 : 1;
  }
  return set;
}
