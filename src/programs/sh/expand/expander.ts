import { homedir, userInfo } from "node:os";
import type { ParsedScript, Word, WordPart } from "unbash";
import type { Shell } from "../shell.js";
import { evaluate } from "./arithmetic.js";
import { Fields } from "./field.js";
import { arithmeticOperands } from "./operands.js";
import { expandParameter, simpleParameter } from "./parameter.js";

/** How the text of a word is taken. */
export interface ExpandMode {
  /** Within double quotes, or where nothing is split or matched against names: every part as it is. */
  quoted: boolean;
  /** Whether `~` after `:` means a home too, as in assignments. */
  assignment?: boolean;
}

/** Expands the parts of one word into its fields. */
export class Expander {
  readonly shell: Shell;
  readonly fields: Fields;

  constructor(shell: Shell, ifs: string) {
    this.shell = shell;
    this.fields = new Fields(ifs);
  }

  async word(word: Word, mode: ExpandMode): Promise<void> {
    if (word.parts === undefined) this.#literal(word.text, mode, true);
    else await this.parts(word.parts, mode);
  }

  async parts(parts: readonly WordPart[], mode: ExpandMode): Promise<void> {
    for (const [index, part] of parts.entries()) await this.part(part, mode, index === 0);
  }

  async part(part: WordPart, mode: ExpandMode, first: boolean): Promise<void> {
    switch (part.type) {
      case "Literal":
        // Between double quotes a value has its escapes resolved.
        if (mode.quoted) this.fields.literal(part.value, true);
        else this.#literal(part.text, mode, first);
        return;
      case "SingleQuoted":
      case "AnsiCQuoted":
        this.fields.literal(part.value, true);
        return;
      case "DoubleQuoted":
      case "LocaleString":
        // Nothing between quotes is still a word, but "$@" without arguments is none.
        if (part.parts.length === 0) this.fields.literal("", true);
        for (const inner of part.parts) await this.part(inner, { quoted: true }, false);
        return;
      case "SimpleExpansion":
        this.#values(await simpleParameter(this.shell, part.text.slice(1), mode.quoted), mode);
        return;
      case "ParameterExpansion":
        await expandParameter(this, part, mode);
        return;
      case "CommandExpansion":
        this.value(await this.#command(part.script), mode.quoted);
        return;
      case "ArithmeticExpansion":
        this.value(String(await evaluate(part.expression, arithmeticOperands(this.shell))), mode.quoted);
        return;
      case "ProcessSubstitution":
        this.fields.literal(await this.shell.substitute(part.script as ParsedScript, part.operator), true);
        return;
      case "Glob":
        if (part.kind === "bracket" && !mode.quoted) await this.#bracket(part.parts, mode);
        else this.fields.literal(part.text, mode.quoted);
        return;
      case "ExtendedGlob":
      case "BraceExpansion":
        this.fields.literal(part.text, mode.quoted);
    }
  }

  /** A bracket expression, in which there may be expansions. */
  async #bracket(parts: readonly WordPart[], mode: ExpandMode): Promise<void> {
    this.fields.literal("[", false);
    await this.parts(parts, mode);
    this.fields.literal("]", false);
  }

  /** The result of an expansion. */
  value(text: string, quoted: boolean): void {
    if (quoted) this.fields.literal(text, true);
    else this.fields.split(text);
  }

  #values(values: string | string[], { quoted }: ExpandMode): void {
    if (typeof values === "string") this.value(values, quoted);
    else this.fields.list(values, quoted);
  }

  async #command(script: ParsedScript | undefined): Promise<string> {
    if (script === undefined) return "";
    return (await this.shell.capture(script)).replace(/\n+$/, "");
  }

  /** Text of the script outside of quotes: backslashes quote, a first `~` is a home. */
  #literal(raw: string, mode: ExpandMode, first: boolean): void {
    const text = first ? this.#tilde(raw, mode) : raw;
    let start = 0;
    for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", start)) {
      this.#plain(text.slice(start, at), mode);
      const quoted = text.slice(at + 1, at + 2);
      if (quoted !== "\n") this.fields.quoted(quoted);
      start = at + 2;
    }
    this.#plain(text.slice(start), mode);
  }

  #plain(text: string, { quoted, assignment }: ExpandMode): void {
    if (assignment !== true || !text.includes(":~")) {
      this.fields.literal(text, quoted);
      return;
    }
    for (const [index, part] of text.split(/(?<=:)(?=~)/).entries())
      this.fields.literal(index === 0 ? part : this.#tilde(part, { quoted }), quoted);
  }

  /** `~`, `~user`, `~+` and `~-` at the beginning; what they stand for counts as quoted. */
  #tilde(text: string, { assignment }: ExpandMode): string {
    const [prefix = "", name = ""] = /^~([^/:\s]*)/.exec(text) ?? [];
    if (prefix === "" || (assignment !== true && text[prefix.length] === ":")) return text;
    const home = this.#home(name);
    if (home === undefined) return text;
    this.fields.quoted(home);
    return text.slice(prefix.length);
  }

  #home(name: string): string | undefined {
    const { variables } = this.shell;
    if (name === "") return variables.get("HOME") ?? homedir();
    if (name === "+") return variables.get("PWD");
    if (name === "-") return variables.get("OLDPWD");
    const user = userInfo();
    if (name === user.username) return user.homedir;
    return name === "root" ? "/root" : undefined;
  }
}
