import { CommandError } from "../errors.js";
import { posixRegex } from "../text/regex.js";

/** What follows the bracket that opens a set of characters, in which a delimiter is one of them. */
const BRACKET = /\^?\]?(?:\[([:.=])[^\n]*?\1\]|[^\]\n])*\]/y;

/** The text of a script, read from its beginning to its end. */
export class Source {
  readonly #text: string;
  readonly #name: string;
  readonly #extended: boolean;
  #at = 0;

  constructor(text: string, name: string, extended: boolean) {
    this.#text = text;
    this.#name = name;
    this.#extended = extended;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  get peek(): string {
    return this.#text.charAt(this.#at);
  }

  next(): string {
    return this.#text.charAt(this.#at++);
  }

  skip(kind: RegExp): void {
    while (!this.done && kind.test(this.peek)) this.#at++;
  }

  /** What a sticky expression matches here. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  fail(message: string): never {
    const place = this.#name.startsWith("-e")
      ? `${this.#name}, char ${this.#at}`
      : `file ${this.#name} line ${this.#text.slice(0, this.#at).split("\n").length}`;
    throw new CommandError(`${place}: ${message}`);
  }

  /** Where a command must have ended. */
  end(): void {
    this.take(/[ \t]*/y);
    if (this.done || this.peek === "}" || this.peek === "#") return;
    if (!/[\n;]/.test(this.next())) this.fail("extra characters after command");
  }

  /** The rest of the line. */
  file(): string {
    const name = this.take(/[ \t]*[^\n]*/y).trimStart();
    if (name === "") this.fail("missing filename in r/R/w/W commands");
    return name;
  }

  /**
   * What stands between the delimiter that has just been read and the next one; null where there is none. The
   * delimiter itself stands for itself behind a backslash.
   */
  delimited(regex: boolean): string | null {
    const delimiter = this.#text.charAt(this.#at - 1);
    let text = "";
    while (!this.done) {
      const character = this.next();
      if (character === delimiter) return text;
      if (regex && character === "[") {
        text += character + this.take(BRACKET);
        continue;
      }
      if (character !== "\\") {
        text += character;
        continue;
      }
      const escaped = this.next();
      if (escaped === delimiter) text += regex && /[.*[\]$+?(){}|]/.test(escaped) ? `[${escaped}]` : escaped;
      else if (escaped === "\n" && regex) text += "\n";
      else text += `\\${escaped}`;
    }
    return null;
  }

  /** Null for an empty pattern, which stands for the expression that was used last. */
  regex(pattern: string, flags: string): RegExp | null {
    if (pattern === "") return null;
    const javascript = `g${flags.includes("I") || flags.includes("i") ? "i" : ""}${/[Mm]/.test(flags) ? "m" : ""}`;
    try {
      return posixRegex(pattern, { extended: this.#extended, flags: `${javascript}u` });
    } catch (error) {
      return this.fail((error as Error).message);
    }
  }
}
