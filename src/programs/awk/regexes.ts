import { posixRegex } from "../text/regex.js";

const kept = new Map<string, RegExp>();
const MOST = 500;

const letters: Readonly<Record<string, string>> = {
  "/": "/",
  '"': '"',
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
};

/** The expression of a text, with the flag `g`. Those that were made are kept. */
export function regexOf(source: string): RegExp {
  let regex = kept.get(source);
  if (regex === undefined) {
    if (kept.size >= MOST) kept.clear();
    regex = posixRegex(plain(source), { extended: true, flags: "gu" });
    kept.set(source, regex);
  }
  return regex;
}

/** Resolves the escapes that awk has beyond those of an expression; within brackets too, where that has none. */
function plain(source: string): string {
  return source.replace(
    /\\([0-7]{1,3}|[\s\S])|\[\^?\]?(?:\[([:.=])[\s\S]*?\2\]|\\[\s\S]|[^\]\\])*\]/g,
    (whole, escaped?: string) => {
      if (escaped !== undefined) return resolved(whole, escaped);
      return whole.replace(/\\([\s\S])/g, (_, letter: string) => {
        const meant = letters[letter] ?? letter;
        return /[\]\\^-]/.test(meant) ? `[.${meant}.]` : meant;
      });
    },
  );
}

function resolved(whole: string, escaped: string): string {
  if (/^[0-7]{2,3}$/.test(escaped)) {
    const character = String.fromCharCode(Number.parseInt(escaped, 8));
    return /\w/.test(character) ? character : `\\${character}`;
  }
  return letters[escaped] ?? whole;
}
