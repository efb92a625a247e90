/** Brace expansion: `a{b,c}d` and `{1..5}`, on the text of a word before anything else is expanded. */

const SEQUENCE = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/;

/** The most words that one word may become. */
const MAX_WORDS = 100_000;

export function expandBraces(text: string): string[] {
  const open = findOpen(text, 0);
  if (open === null) return [text];
  const head = text.slice(0, open.start);
  const tails = expandBraces(text.slice(open.end + 1));
  const inner = open.parts.length > 1 ? open.parts.flatMap(expandBraces) : sequence(open.parts[0] as string);
  const words: string[] = [];
  for (const middle of inner) {
    for (const tail of tails) {
      if (words.length === MAX_WORDS) throw new RangeError("brace expansion: too many words");
      words.push(head + middle + tail);
    }
  }
  return words;
}

/** The first pair of braces that means something, with the parts between its commas. */
function findOpen(text: string, from: number): { start: number; end: number; parts: string[] } | null {
  for (let at = from; at < text.length; at++) {
    at = skipQuoted(text, at);
    if (text[at] !== "{") continue;
    const found = parse(text, at);
    if (found !== null && (found.parts.length > 1 || SEQUENCE.test(found.parts[0] as string))) return found;
  }
  return null;
}

function parse(text: string, start: number): { start: number; end: number; parts: string[] } | null {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start + 1; at < text.length; at++) {
    const skipped = skipQuoted(text, at);
    if (skipped !== at) {
      at = skipped - 1;
      continue;
    }
    const character = text[at];
    if (character === "{") depth++;
    else if (character === "}" && depth > 0) depth--;
    else if (character === "}") return { start, end: at, parts: [...parts, text.slice(from, at)] };
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return null;
}

/** Where a quoted character, a quoted text or an expansion that begins at `at` ends; `at` if none does. */
function skipQuoted(text: string, at: number): number {
  const character = text[at];
  if (character === "\\") return Math.min(at + 2, text.length);
  if (character === "'" || character === '"' || character === "`") return closing(text, at, character) + 1;
  if (character === "$" && (text[at + 1] === "{" || text[at + 1] === "(")) {
    const [open, close] = text[at + 1] === "{" ? ["{", "}"] : ["(", ")"];
    let depth = 0;
    for (let end = at + 1; end < text.length; end++) {
      if (text[end] === open) depth++;
      else if (text[end] === close && --depth === 0) return end + 1;
    }
    return text.length;
  }
  return at;
}

function closing(text: string, at: number, quote: string): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\" && quote !== "'") end++;
    else if (text[end] === quote) return end;
  }
  return text.length - 1;
}

function sequence(text: string): string[] {
  const [, from, to, by] = SEQUENCE.exec(text) as unknown as [string, string, string, string | undefined];
  const numeric = /\d/.test(from) && /\d/.test(to);
  if (!numeric && (/\d/.test(from) || /\d/.test(to))) return [`{${text}}`];
  const first = numeric ? Number(from) : (from.codePointAt(0) as number);
  const last = numeric ? Number(to) : (to.codePointAt(0) as number);
  const step = Math.max(1, Math.abs(Number(by ?? 1)));
  if (Math.abs(last - first) / step > MAX_WORDS) throw new RangeError("brace expansion: too many words");
  const padded = [from, to].some((end) => /^-?0\d/.test(end));
  const width = padded ? Math.max(from.length, to.length) : 0;
  const words: string[] = [];
  for (let at = first; first <= last ? at <= last : at >= last; at += first <= last ? step : -step)
    words.push(numeric ? pad(at, width) : String.fromCodePoint(at));
  return words;
}

function pad(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(width - (value < 0 ? 1 : 0), "0");
  return value < 0 ? `-${digits}` : digits;
}
