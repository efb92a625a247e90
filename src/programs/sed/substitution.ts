import type { Part, Substitution } from "./script.js";
import type { Source } from "./source.js";

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", a: "\x07" };

/** What stands behind `s`. */
export function parseReplacement(source: Source): Substitution {
  const unterminated = "unterminated `s' command";
  if (source.done || source.peek === "\n" || source.peek === "\\") source.fail(unterminated);
  source.next();
  const pattern = source.delimited(true) ?? source.fail(unterminated);
  const replacement = source.delimited(false) ?? source.fail(unterminated);
  const options = { global: false, number: 1, print: false, file: null as string | null };
  let flags = "";
  let numbered = false;
  for (;;) {
    const flag = source.peek;
    if (/[gpiIeMm]/.test(flag) && flag !== "") {
      source.next();
      if (flag === "g" && options.global) source.fail("multiple `g' options to `s' command");
      if (flag === "p" && options.print) source.fail("multiple `p' options to `s' command");
      if (flag === "e") source.fail("e/r/w commands disabled in sandbox mode");
      if (flag === "g") options.global = true;
      else if (flag === "p") options.print = true;
      else flags += flag;
    } else if (/\d/.test(flag)) {
      if (numbered) source.fail("multiple number options to `s' command");
      numbered = true;
      options.number = Number(source.take(/\d+/y));
      if (options.number === 0) source.fail("number option to `s' command may not be zero");
    } else if (flag === "w") {
      source.next();
      options.file = source.file();
      break;
    } else {
      source.take(/[ \t]*/y);
      if (source.done || source.peek === "}" || source.peek === "#") break;
      if (!/[\n;]/.test(source.next())) source.fail("unknown option to `s'");
      break;
    }
  }
  const regex = source.regex(pattern, flags);
  const parts = replacementParts(replacement);
  const most = parts.reduce((number, part) => Math.max(number, part.kind === "group" ? part.number : 0), 0);
  if (regex !== null && most > groupCount(regex))
    source.fail(`invalid reference \\${most} on \`s' command's RHS`);
  return { ...options, regex, parts };
}

function groupCount(regex: RegExp): number {
  return (new RegExp(`${regex.source}|`, regex.flags).exec("")?.length ?? 1) - 1;
}

function replacementParts(text: string): Part[] {
  const parts: Part[] = [];
  let plain = "";
  const add = (part: Part): void => {
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
    parts.push(part);
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "&") add({ kind: "group", number: 0 });
    else if (character !== "\\") plain += character;
    else {
      const escaped = text.charAt(++at);
      const [code] = /^(?:x[0-9a-fA-F]{1,2}|o[0-7]{1,3}|d\d{1,3})/.exec(text.slice(at)) ?? [];
      if (/\d/.test(escaped)) add({ kind: "group", number: Number(escaped) });
      else if (/[ULEul]/.test(escaped)) add({ kind: "case", letter: escaped });
      else if (code !== undefined) {
        plain += String.fromCharCode(Number.parseInt(code.slice(1), { x: 16, o: 8, d: 10 }[escaped] ?? 10));
        at += code.length - 1;
      } else plain += escapes[escaped] ?? escaped;
    }
  }
  if (plain !== "") parts.push({ kind: "text", text: plain });
  return parts;
}

/** What stands behind `y`: which character becomes which. */
export function parseTransliteration(source: Source): Map<string, string> {
  const unterminated = "unterminated `y' command";
  source.next();
  const characters = () => {
    const text = source.delimited(false) ?? source.fail(unterminated);
    return [...text.replace(/\\([\s\S])/g, (_, escaped: string) => escapes[escaped] ?? escaped)];
  };
  const [from, to] = [characters(), characters()];
  if (from.length !== to.length) source.fail("strings for `y' command are different lengths");
  source.end();
  return new Map(from.map((character, at) => [character, to[at] as string]));
}

/** Replaces what matches in `text`; null where nothing does. `regex` has the flag `g`. */
export function substitute(
  text: string,
  regex: RegExp,
  { parts, global, number }: Substitution,
): string | null {
  let result = "";
  let last = 0;
  let count = 0;
  let replaced = false;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const [found] = match;
    // An empty match right behind another one is none.
    const counts = found !== "" || match.index !== last || count === 0;
    if (counts && ++count >= number) {
      result += text.slice(last, match.index) + filled(parts, match);
      last = match.index + found.length;
      replaced = true;
      if (!global) break;
    } else if (counts && found !== "") {
      result += text.slice(last, match.index + found.length);
      last = match.index + found.length;
    }
    if (found === "") regex.lastIndex = next(text, match.index);
  }
  return replaced ? result + text.slice(last) : null;
}

/** Where the next character begins. */
function next(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function filled(parts: readonly Part[], match: RegExpExecArray): string {
  let result = "";
  let whole = "";
  let once = "";
  for (const part of parts) {
    if (part.kind === "case") {
      if (part.letter === "u" || part.letter === "l") once = part.letter;
      else {
        whole = part.letter === "E" ? "" : part.letter;
        once = "";
      }
      continue;
    }
    let text = part.kind === "text" ? part.text : (match[part.number] ?? "");
    if (whole !== "") text = whole === "U" ? text.toUpperCase() : text.toLowerCase();
    if (once !== "" && text !== "") {
      const first = text.charAt(0);
      text = (once === "u" ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
      once = "";
    }
    result += text;
  }
  return result;
}
