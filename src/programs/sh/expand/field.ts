import { quotePattern } from "./pattern.js";

/** One word of a command as it is being made: its text, and the same as a pattern with quoting kept. */
class Field {
  text = "";
  pattern = "";
  /** A quoted part makes a word even of nothing. */
  exists = false;

  add(text: string, quoted: boolean): void {
    this.text += text;
    this.pattern += quoted ? quotePattern(text) : text.replace(/\\/g, "\\\\");
    if (quoted || text !== "") this.exists = true;
  }
}

/** The fields that a word becomes, left to right. */
export class Fields {
  readonly #done: Field[] = [];
  readonly #ifs: string;
  #open = new Field();

  /** `ifs`: the characters at which the results of expansions are split; empty for none. */
  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  /** Text of the script itself, which is never split. */
  literal(text: string, quoted: boolean): void {
    this.#open.add(text, quoted);
  }

  /** Takes over a character that a backslash quoted. */
  quoted(text: string): void {
    this.#open.add(text, true);
  }

  /** What an expansion without quotes gave: split where IFS says. */
  split(text: string): void {
    if (this.#ifs === "") {
      this.#open.add(text, false);
      return;
    }
    let start = 0;
    let at = 0;
    while (at < text.length) {
      if (!this.#ifs.includes(text[at] as string)) {
        at++;
        continue;
      }
      if (at > start) this.#open.add(text.slice(start, at), false);
      at = this.#delimiter(text, at);
      start = at;
    }
    if (at > start) this.#open.add(text.slice(start, at), false);
  }

  /** Takes one delimiter: blanks of IFS around at most one other character of it. Answers what follows. */
  #delimiter(text: string, from: number): number {
    let at = from;
    let hard = false;
    for (; at < text.length && this.#ifs.includes(text[at] as string); at++) {
      if (isBlank(text[at] as string)) continue;
      if (hard) break;
      hard = true;
    }
    if (hard) this.#open.exists = true;
    if (this.#open.exists) this.next();
    return at;
  }

  /** Several values of which each is at least a field: `"$@"`; a first one goes on the open field. */
  list(values: readonly string[], quoted: boolean): void {
    values.forEach((value, index) => {
      if (index > 0) this.next();
      if (quoted) this.#open.add(value, true);
      else this.split(value);
    });
  }

  /** Closes the open field. */
  next(): void {
    if (this.#open.exists) this.#done.push(this.#open);
    this.#open = new Field();
  }

  end(): { text: string; pattern: string }[] {
    this.next();
    return this.#done;
  }
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\n";
}
