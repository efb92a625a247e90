import { CommandError } from "../errors.js";

export interface RegexStyle {
  /** Extended syntax: `+ ? | ( ) { }` mean something without a backslash. */
  extended: boolean;
  flags?: string;
}

const classes: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** Escapes that mean the same, or something else, in JavaScript. */
const escapes: Readonly<Record<string, string>> = {
  w: "[A-Za-z0-9_]",
  W: "[^A-Za-z0-9_]",
  s: "\\s",
  S: "\\S",
  b: "\\b",
  B: "\\B",
  "<": "\\b(?=\\w)",
  ">": "\\b(?<=\\w)",
  "`": "(?<![\\s\\S])",
  "'": "(?![\\s\\S])",
  n: "\\n",
  t: "\\t",
};

/**
 * Makes a regular expression of POSIX into one of JavaScript, which takes the first alternative that
 * matches and not the longest.
 */
export function posixRegex(pattern: string, { extended, flags = "" }: RegexStyle): RegExp {
  const source = new Translator(pattern, extended).translate();
  try {
    return new RegExp(source, flags);
  } catch {
    throw new CommandError("Invalid regular expression", 2);
  }
}

class Translator {
  readonly #pattern: string;
  readonly #extended: boolean;
  #at = 0;
  #result = "";
  /** Whether an expression begins here, where `*` and `^` are other than elsewhere. */
  #start = true;
  #depth = 0;

  constructor(pattern: string, extended: boolean) {
    this.#pattern = pattern;
    this.#extended = extended;
  }

  translate(): string {
    while (this.#at < this.#pattern.length) this.#one(this.#pattern.charAt(this.#at++));
    if (this.#depth > 0) throw new CommandError("Unmatched ( or \\(", 2);
    return this.#result;
  }

  #one(character: string): void {
    if (character === "\\") this.#escape();
    else if (character === "[") this.#add(this.#bracket());
    else if (character === ".") this.#add("[^]");
    else if (character === "*") this.#mark("*");
    else if (character === "^") this.#caret();
    else if (character === "$") this.#dollar();
    else if (this.#extended) this.#special(character);
    else this.#literal(character);
  }

  #escape(): void {
    if (this.#at === this.#pattern.length) throw new CommandError("Trailing backslash", 2);
    const character = this.#pattern.charAt(this.#at++);
    const meaning = escapes[character];
    if (meaning !== undefined) this.#add(meaning);
    else if (/[1-9]/.test(character)) this.#add(`(?:\\${character})`);
    else if (this.#extended) this.#literal(character);
    else this.#special(character);
  }

  /** What means something by itself in one syntax, and behind a backslash in the other. */
  #special(character: string): void {
    if (character === "(") this.#open();
    else if (character === ")") this.#close();
    else if (character === "|") this.#alternative();
    else if (character === "+" || character === "?") this.#mark(character);
    else if (character === "{") this.#interval(this.#extended ? "}" : "\\}");
    else this.#literal(character);
  }

  /** Where there is nothing to repeat, a mark stands for itself. */
  #mark(mark: string): void {
    if (this.#start) this.#literal(mark);
    else this.#repeat(mark);
  }

  #add(source: string): void {
    this.#result += source;
    this.#start = false;
  }

  #literal(character: string): void {
    this.#add(/[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character);
  }

  /** Repeats of repeats are one group more here. */
  #repeat(mark: string): void {
    if (/(?:^|[^\\])[*+?}]$/.test(this.#result)) this.#result = this.#wrapped();
    this.#result += mark;
  }

  /** Only for marks behind marks, and so the last atom is what ends in a mark. */
  #wrapped(): string {
    const [atom = ""] =
      /(?:\\.|\[(?:\\.|[^\]\\])*\]|\([^()]*\)|.)(?:[*+?]|\{[\d,]*\})+$/.exec(this.#result) ?? [];
    return `${this.#result.slice(0, this.#result.length - atom.length)}(?:${atom})`;
  }

  #open(): void {
    this.#depth++;
    this.#result += "(";
    this.#start = true;
  }

  #close(): void {
    if (this.#depth > 0) {
      this.#depth--;
      this.#add(")");
    } else if (this.#extended) this.#literal(")");
    else throw new CommandError("Unmatched ) or \\)", 2);
  }

  #alternative(): void {
    this.#result += "|";
    this.#start = true;
  }

  #caret(): void {
    if (this.#extended || this.#start) {
      this.#result += "^";
      this.#start = true;
    } else this.#literal("^");
  }

  #dollar(): void {
    const rest = this.#pattern.slice(this.#at);
    if (this.#extended || rest === "" || /^\\[)|]/.test(rest)) this.#add("$");
    else this.#literal("$");
  }

  #interval(end: string): void {
    const close = this.#pattern.indexOf(end, this.#at);
    const range = close < 0 ? "" : this.#pattern.slice(this.#at, close);
    if (!/^(?:\d+(?:,\d*)?|,\d+)$/.test(range) || this.#start) {
      if (!this.#extended)
        throw new CommandError(close < 0 ? "Unmatched \\{" : "Invalid content of \\{\\}", 2);
      this.#literal("{");
      return;
    }
    this.#at = close + end.length;
    this.#repeat(`{${range.startsWith(",") ? `0${range}` : range}}`);
  }

  #bracket(): string {
    let source = "[";
    if (this.#pattern.charAt(this.#at) === "^") {
      source += "^";
      this.#at++;
    }
    for (let first = true; ; first = false) {
      const character = this.#pattern.charAt(this.#at++);
      if (character === "") throw new CommandError("Unmatched [, [^, [:, [., or [=", 2);
      if (character === "]" && !first) return source === "[" ? "[]" : `${source}]`;
      const [whole, kind, name = ""] = /^([:.=])(.*?)\1\]/.exec(this.#pattern.slice(this.#at)) ?? [];
      if (character === "[" && whole !== undefined) {
        this.#at += whole.length;
        if (kind !== ":") source += name.replace(/[\\\]^-]/g, "\\$&");
        else if (classes[name] === undefined) throw new CommandError("Invalid character class name", 2);
        else source += classes[name];
      } else source += /[\\[\]^]/.test(character) ? `\\${character}` : character;
    }
  }
}
