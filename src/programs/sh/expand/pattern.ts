/**
 * The patterns of shells: `*`, `?`, `[…]` and, where wanted, `?(…)`, `*(…)`, `+(…)`, `@(…)`, `!(…)`.
 * A backslash quotes the character behind it.
 */

export interface PatternOptions {
  /** Whether `a` matches `A`. */
  caseless?: boolean;
  /** Whether `?(…)` and the like are patterns. */
  extended?: boolean;
}

const classes: Record<string, string> = {
  alnum: "\\p{L}\\p{N}",
  alpha: "\\p{L}",
  blank: " \\t",
  cntrl: "\\p{Cc}",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "\\p{Ll}",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\s",
  upper: "\\p{Lu}",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;
const IN_BRACKETS = /[\\\]^&~\-[]/g;

/** Quotes every character of a text that means something in a pattern. */
export function quotePattern(text: string): string {
  return text.replace(/[\\*?[\]()|!+@-]/g, "\\$&");
}

/** Whether a pattern matches more than itself. */
export function isPattern(pattern: string, extended: boolean): boolean {
  const bare = pattern.replace(/\\[\s\S]/g, "");
  return /[*?]|\[.*\]/s.test(bare) || (extended && /[?*+@!]\(/.test(bare));
}

/** The text that a pattern without special characters stands for. */
export function unquotePattern(pattern: string): string {
  return pattern.replace(/\\([\s\S])/g, "$1");
}

/** A regular expression that matches what the whole pattern matches; `greedy` false matches as little. */
export function patternSource(pattern: string, options: PatternOptions = {}, greedy = true): string {
  return new Translator(pattern, options, greedy).translate();
}

export function matches(pattern: string, text: string, options: PatternOptions = {}): boolean {
  const flags = options.caseless ? "sui" : "su";
  return new RegExp(`^(?:${patternSource(pattern, options)})$`, flags).test(text);
}

class Translator {
  readonly #pattern: string;
  readonly #extended: boolean;
  readonly #any: string;
  #at = 0;

  constructor(pattern: string, { extended = false }: PatternOptions, greedy: boolean) {
    this.#pattern = pattern;
    this.#extended = extended;
    this.#any = greedy ? ".*" : ".*?";
  }

  /** Up to the end, or up to an unquoted character of `until`. */
  translate(until = ""): string {
    let source = "";
    while (this.#at < this.#pattern.length) {
      const character = this.#take();
      if (until.includes(character)) {
        this.#at -= character.length;
        return source;
      }
      source += this.#one(character);
    }
    return source;
  }

  #take(): string {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number);
    this.#at += character.length;
    return character;
  }

  #one(character: string): string {
    if (this.#extended && "?*+@!".includes(character) && this.#pattern[this.#at] === "(") {
      const start = this.#at;
      const group = this.#group(character);
      if (group !== null) return group;
      this.#at = start;
    }
    switch (character) {
      case "\\":
        return this.#at < this.#pattern.length ? literal(this.#take()) : "\\\\";
      case "*":
        return this.#any;
      case "?":
        return ".";
      case "[":
        return this.#brackets() ?? "\\[";
      default:
        return literal(character);
    }
  }

  /** The alternatives in parentheses; null where they are not closed. */
  #group(operator: string): string | null {
    const alternatives: string[] = [];
    do {
      this.#at++;
      alternatives.push(this.translate("|)"));
    } while (this.#pattern[this.#at] === "|");
    if (this.#pattern[this.#at] !== ")") return null;
    this.#at++;
    const group = `(?:${alternatives.join("|")})`;
    if (operator === "@") return group;
    // What is left to match must not be one of them, as far as the rest of the pattern lets it reach.
    if (operator === "!") return `(?:(?!${group}${this.#rest()}$).*?)`;
    return `${group}${operator}`;
  }

  #rest(): string {
    const { length } = this.#pattern;
    const rest = new Translator(this.#pattern.slice(this.#at, length), { extended: true }, true);
    return rest.translate("|)");
  }

  /** A bracket expression; null where it is not closed. */
  #brackets(): string | null {
    const pattern = this.#pattern;
    const start = this.#at;
    let at = start;
    const negated = pattern[at] === "!" || pattern[at] === "^";
    if (negated) at++;
    let members = "";
    for (let first = true; ; first = false) {
      if (at >= pattern.length) return null;
      if (pattern[at] === "]" && !first) break;
      const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
      if (named !== null) {
        members += classes[named[1] as string] ?? "";
        at += named[0].length;
        continue;
      }
      if (pattern[at] === "\\" && at + 1 < pattern.length) at++;
      else if (pattern[at] === "-" && !first && pattern[at + 1] !== "]") {
        members += "-";
        at++;
        continue;
      }
      const character = String.fromCodePoint(pattern.codePointAt(at) as number);
      members += character.replace(IN_BRACKETS, "\\$&");
      at += character.length;
    }
    this.#at = at + 1;
    return `[${negated ? "^" : ""}${members}]`;
  }
}

function literal(text: string): string {
  return text.replace(SPECIAL, "\\$&");
}
