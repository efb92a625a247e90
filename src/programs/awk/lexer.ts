import { CommandError } from "../errors.js";

export type TokenKind =
  | "number"
  | "string"
  | "regex"
  | "name"
  | "call"
  | "builtin"
  | "word"
  | "mark"
  | "newline"
  | "end";

export interface Token {
  kind: TokenKind;
  text: string;
  line: number;
}

const words = new Set(
  "BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf".split(
    " ",
  ),
);

/** The functions that there are, and how many arguments they take. */
export const builtins: Readonly<Record<string, readonly [least: number, most: number]>> = {
  atan2: [2, 2],
  close: [1, 2],
  cos: [1, 1],
  exp: [1, 1],
  fflush: [0, 1],
  gensub: [3, 4],
  gsub: [2, 3],
  index: [2, 2],
  int: [1, 1],
  length: [0, 1],
  log: [1, 1],
  match: [2, 3],
  rand: [0, 0],
  sin: [1, 1],
  split: [2, 3],
  sprintf: [1, Number.POSITIVE_INFINITY],
  sqrt: [1, 1],
  srand: [0, 1],
  strftime: [0, 3],
  sub: [2, 3],
  substr: [2, 3],
  system: [1, 1],
  systime: [0, 0],
  tolower: [1, 1],
  toupper: [1, 1],
};

const letters: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "/": "/",
};

const MARK =
  /\*\*=|\*\*|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|&&|\|\||>>|[{}()[\];,+\-*/%^!<>|?:~$=]/y;

/** Cuts the text of a program into tokens. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found = ""] = pattern.exec(source) ?? [];
    at += found.length;
    return found;
  };
  const add = (kind: TokenKind, text: string): void => {
    tokens.push({ kind, text, line });
  };
  while (at < source.length) {
    if (take(/(?:[ \t\r]|\\\r?\n|#[^\n]*)+/y).includes("\n")) line++;
    if (at >= source.length) break;
    const character = source.charAt(at);
    if (character === "\n") {
      at++;
      add("newline", "newline");
      line++;
    } else if (character === '"') add("string", unescaped(take(/"(?:[^"\\\n]|\\[\s\S])*(?:"|$)/y), line));
    else if (character === "/" && regexMayStand(tokens.at(-1))) {
      const found = take(
        /\/(?:[^/\\[\n]|\\[^\n]|\[\^?\]?(?:\[[:.=][^\n]*?[:.=]\]|[^\]\\\n]|\\[^\n])*\]|\[)*\//y,
      );
      if (found === "") throw new CommandError(`line ${line}: regular expression without its end`, 2);
      add("regex", found.slice(1, -1));
    } else if (/[0-9.]/.test(character)) {
      const found = take(/0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y);
      if (found === "") throw new CommandError(`line ${line}: syntax error at or near .`, 2);
      add("number", found);
    } else if (/[A-Za-z_]/.test(character)) {
      const name = take(/\w+/y);
      if (words.has(name)) add("word", name === "func" ? "function" : name);
      else if (Object.hasOwn(builtins, name)) add("builtin", name);
      else add(source.charAt(at) === "(" ? "call" : "name", name);
    } else {
      const mark = take(MARK);
      if (mark === "") throw new CommandError(`line ${line}: unexpected character '${character}'`, 2);
      add("mark", mark === "**" ? "^" : mark === "**=" ? "^=" : mark);
    }
  }
  add("newline", "newline");
  add("end", "end of file");
  return tokens;
}

/** Behind a value, a slash divides. */
function regexMayStand(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (["number", "string", "regex", "name"].includes(before.kind)) return false;
  if (before.kind === "builtin") return before.text !== "length";
  return !(before.kind === "mark" && [")", "]", "$", "++", "--"].includes(before.text));
}

function unescaped(quoted: string, line: number): string {
  if (quoted.length < 2 || !quoted.endsWith('"'))
    throw new CommandError(`line ${line}: runaway string constant ${quoted}`, 2);
  return resolveEscapes(quoted.slice(1, -1));
}

/** The escapes of a string; those that mean nothing stay as they are. */
export function resolveEscapes(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|\n|([\s\S]))/g, (whole, octal?: string, letter?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (letter === undefined) return "";
    return letters[letter] ?? whole;
  });
}
