/**
 * Matching of compiled globs. It runs in guest threads too: captured intrinsics only, and no regular
 * expression, whose backtracking a path could drive to no end. The time is at most the length of the text
 * by that of the pattern.
 */
import { NewUint8Array, StringPrototypeCharCodeAt } from "../../primordials/primordials.js";

/** Any run of characters, also none. */
export const ANY_RUN = -1;
/** Any one character. */
export const ANY_ONE = -2;
/** `[negated, first, last, first, last, …]`: one character of a set of ranges, or of none of them. */
export type CharacterSet = number[];
/** Code points, wildcards and sets, for the characters of one name. */
export type Wildcards = (number | CharacterSet)[];
/** One name, or what it may look like. */
export type SegmentPattern = string | Wildcards;
/** Any number of names, also none. */
export const GLOBSTAR = 0;
/** The names of an absolute path, from the root. */
export type PathPattern = (SegmentPattern | typeof GLOBSTAR)[];

/** Names that a pattern may have. */
export const MAX_SEGMENTS = 64;

const SLASH = 47;

/** Whether a name matches; `text` from `start` to `end`. */
export function matchesSegment(pattern: SegmentPattern, text: string, start: number, end: number): boolean {
  return typeof pattern === "string"
    ? isLiteral(pattern, text, start, end)
    : isWild(pattern, text, start, end);
}

function isLiteral(literal: string, text: string, start: number, end: number): boolean {
  if (literal.length !== end - start) return false;
  for (let i = 0; i < literal.length; i++) {
    if (StringPrototypeCharCodeAt(literal, i) !== StringPrototypeCharCodeAt(text, start + i)) return false;
  }
  return true;
}

/** A mismatch goes back to the last run alone: an earlier one that took more would win nothing. */
function isWild(pattern: Wildcards, text: string, start: number, end: number): boolean {
  let token = 0;
  let at = start;
  let afterRun = -1;
  let runEnd = start;
  while (at < end) {
    if (token < pattern.length && pattern[token] === ANY_RUN) {
      afterRun = ++token;
      runEnd = at;
      continue;
    }
    const code = codePointAt(text, at, end);
    if (token < pattern.length && accepts(pattern[token] as number | CharacterSet, code)) {
      token++;
      at += code > 0xffff ? 2 : 1;
      continue;
    }
    if (afterRun < 0) return false;
    token = afterRun;
    runEnd += codePointAt(text, runEnd, end) > 0xffff ? 2 : 1;
    at = runEnd;
  }
  while (token < pattern.length && pattern[token] === ANY_RUN) token++;
  return token === pattern.length;
}

function accepts(token: number | CharacterSet, code: number): boolean {
  if (typeof token === "number") return token === ANY_ONE || token === code;
  let within = false;
  for (let i = 1; i + 1 < token.length; i += 2) {
    if (code >= (token[i] as number) && code <= (token[i + 1] as number)) within = true;
  }
  return within !== (token[0] === 1);
}

function codePointAt(text: string, at: number, end: number): number {
  const code = StringPrototypeCharCodeAt(text, at);
  if (code < 0xd800 || code >= 0xdc00 || at + 1 >= end) return code;
  const next = StringPrototypeCharCodeAt(text, at + 1);
  return next < 0xdc00 || next >= 0xe000 ? code : 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
}

/**
 * Where a pattern stands after some names: one flag for each of its places, and one for its end. Equal
 * flags after two paths say that the pattern matches the same names below both.
 */
export type Places = Uint8Array;

export function newPlaces(): Places {
  return new NewUint8Array(MAX_SEGMENTS + 1);
}

/** Goes along an absolute path without `.`, `..` and double slashes. Answers whether any place is left. */
export function advance(pattern: PathPattern, path: string, places: Places): boolean {
  const count = pattern.length;
  for (let i = 1; i <= count; i++) places[i] = 0;
  places[0] = 1;
  skipGlobstars(pattern, places);
  let alive = true;
  for (let start = 1; start < path.length && alive; ) {
    let end = start;
    while (end < path.length && StringPrototypeCharCodeAt(path, end) !== SLASH) end++;
    alive = advanceOne(pattern, path, start, end, places);
    start = end + 1;
  }
  return alive;
}

function advanceOne(pattern: PathPattern, path: string, start: number, end: number, places: Places): boolean {
  let alive = false;
  for (let i = pattern.length; i >= 0; i--) {
    const stays = i < pattern.length && places[i] === 1 && pattern[i] === GLOBSTAR;
    const before = i > 0 && places[i - 1] === 1 ? pattern[i - 1] : GLOBSTAR;
    const arrives = before !== GLOBSTAR && matchesSegment(before as SegmentPattern, path, start, end);
    places[i] = stays || arrives ? 1 : 0;
    if (stays || arrives) alive = true;
  }
  if (alive) skipGlobstars(pattern, places);
  return alive;
}

/** A globstar may stand for nothing. */
function skipGlobstars(pattern: PathPattern, places: Places): void {
  for (let i = 0; i < pattern.length; i++) {
    if (places[i] === 1 && pattern[i] === GLOBSTAR) places[i + 1] = 1;
  }
}

/** Whether the pattern matches the path that led to these places. */
export function isMatch(pattern: PathPattern, places: Places): boolean {
  return places[pattern.length] === 1;
}

/** Whether it matches that path and all that is below. */
export function coversBelow(pattern: PathPattern, places: Places): boolean {
  const last = pattern.length - 1;
  return last >= 0 && pattern[last] === GLOBSTAR && places[last] === 1;
}

/** Whether it may match something that is below that path. */
export function reachesBelow(pattern: PathPattern, places: Places): boolean {
  for (let i = 0; i < pattern.length; i++) if (places[i] === 1) return true;
  return false;
}
