import type { Write } from "../command.js";
import type { Input } from "../io/input.js";
import { lineBatches } from "../io/lines.js";

export interface SearchStyle {
  /** With the flag `g`. */
  regex: RegExp;
  invert: boolean;
  quiet: boolean;
  /** The names alone of files that have a match, or that have none. */
  list: "l" | "L" | null;
  count: boolean;
  /** Nothing but what matches. */
  only: boolean;
  most: number;
  before: number;
  after: number;
  /** Whether there are lines around matches, and so groups of lines. */
  grouped: boolean;
  numbered: boolean;
  offsets: boolean;
  named: boolean;
  /** What is done about files that are no text. */
  binary: "text" | "none" | "told";
  delimiter: string;
  color: boolean;
  null: boolean;
}

/** What `grep` does with one file after the other. */
export class Search {
  readonly #stdout: Write;
  readonly #style: SearchStyle;
  /** Whether there has been a group of lines: the next one is set off from it. */
  #shown = false;

  constructor(stdout: Write, style: SearchStyle) {
    this.#stdout = stdout;
    this.#style = style;
  }

  /** Whether a line was selected. */
  async file(input: Input, name: string): Promise<boolean> {
    const style = this.#style;
    const silent = style.quiet || style.list !== null || style.count;
    let selected = 0;
    let number = 0;
    let offset = 0;
    let due = 0;
    let last = 0;
    let binary = false;
    const before: { line: string; offset: number }[] = [];
    for await (const { lines } of lineBatches(input, "utf8", style.delimiter)) {
      let out = "";
      for (const line of lines) {
        number++;
        const at = offset;
        if (style.offsets) offset += Buffer.byteLength(line) + 1;
        binary ||= style.binary !== "text" && line.includes("\0");
        if (binary && style.binary === "none") return false;
        style.regex.lastIndex = 0;
        const hit = style.regex.test(line) !== style.invert;
        if (hit && selected < style.most) {
          selected++;
          if (silent) continue;
          if (binary) {
            await this.#stdout(`${out}grep: ${name}: binary file matches\n`);
            return true;
          }
          const gap = style.grouped && this.#shown && (last === 0 || number - before.length > last + 1);
          if (gap && style.before + style.after > 0) out += "--\n";
          for (const [index, one] of before.entries())
            out += this.#line(name, number - before.length + index, one.offset, one.line, "-");
          before.length = 0;
          out += style.only ? this.#parts(name, number, at, line) : this.#line(name, number, at, line, ":");
          this.#shown = true;
          last = number;
          due = style.after;
        } else if (due > 0) {
          due--;
          last = number;
          if (!style.only) out += this.#line(name, number, at, line, "-");
        } else if (style.before > 0) {
          before.push({ line, offset: at });
          if (before.length > style.before) before.shift();
        }
        if (selected >= style.most && due === 0) break;
      }
      if (out !== "") await this.#stdout(out);
      if (selected > 0 && (style.quiet || style.list !== null)) break;
      if (selected >= style.most && due === 0) break;
    }
    await this.#summary(name, selected);
    return style.list === "L" ? selected === 0 : selected > 0;
  }

  async #summary(name: string, selected: number): Promise<void> {
    const { quiet, list, count, named } = this.#style;
    if (quiet) return;
    if (list !== null) {
      if ((list === "l") === selected > 0) await this.#stdout(name + (this.#style.null ? "\0" : "\n"));
    } else if (count)
      await this.#stdout(`${named ? `${name}${this.#style.null ? "\0" : ":"}` : ""}${selected}\n`);
  }

  #line(name: string, number: number, offset: number, line: string, mark: string): string {
    const { color, invert, regex, delimiter } = this.#style;
    const shown =
      color && !invert
        ? line.replace(regex, (text) => (text === "" ? "" : `\x1b[01;31m\x1b[K${text}\x1b[m\x1b[K`))
        : line;
    return this.#head(name, number, offset, mark) + shown + delimiter;
  }

  #parts(name: string, number: number, offset: number, line: string): string {
    if (this.#style.invert) return "";
    let out = "";
    this.#style.regex.lastIndex = 0;
    for (const match of line.matchAll(this.#style.regex))
      if (match[0] !== "") {
        const at = this.#style.offsets ? offset + Buffer.byteLength(line.slice(0, match.index)) : 0;
        out += this.#line(name, number, at, match[0], ":");
      }
    return out;
  }

  #head(name: string, number: number, offset: number, mark: string): string {
    const { named, numbered, offsets } = this.#style;
    const file = named ? name + (this.#style.null ? "\0" : mark) : "";
    return `${file}${numbered ? number + mark : ""}${offsets ? offset + mark : ""}`;
  }
}
