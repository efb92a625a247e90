import { CommandError } from "../errors.js";

export interface Token {
  kind: "number" | "name" | "field" | "variable" | "format" | "string" | "mark" | "end";
  text: string;
  /** Of a string: text, and the tokens of what stands in `\(…)`. */
  parts?: (string | Token[])[];
}

const SKIPPED = /(?:\s|#[^\n]*)*/y;
const TOKEN =
  /(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|\.([A-Za-z_]\w*)|\$(?:__loc__|[A-Za-z_](?:\w|::)*)|@[a-z]\w*|([A-Za-z_](?:\w|::)*)|(\?\/\/=?|\/\/=|\.\.|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|[.[\](){}|,:;=<>+\-*/%?$"])/y;

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "/": "/",
  "\\": "\\",
  '"': '"',
};

export function syntaxError(message: string): CommandError {
  return new CommandError(`error: ${message}\njq: 1 compile error`, 3);
}

/** Cuts a program into tokens. */
export class Lexer {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  all(): Token[] {
    return this.#until("");
  }

  /** Up to a closing mark that nothing here has opened. */
  #until(close: string): Token[] {
    const tokens: Token[] = [];
    for (let depth = 0; ; ) {
      SKIPPED.lastIndex = this.#at;
      this.#at += SKIPPED.exec(this.#source)?.[0].length ?? 0;
      if (this.#at >= this.#source.length) {
        if (close !== "") throw syntaxError("unterminated string interpolation");
        tokens.push({ kind: "end", text: "end of input" });
        return tokens;
      }
      TOKEN.lastIndex = this.#at;
      const match = TOKEN.exec(this.#source);
      if (match === null) throw syntaxError(`syntax error, unexpected '${this.#source.charAt(this.#at)}'`);
      this.#at += match[0].length;
      const token = this.#token(match);
      if (token.text === "(" && token.kind === "mark") depth++;
      if (token.text === ")" && token.kind === "mark" && depth-- === 0 && close === ")") {
        tokens.push({ kind: "end", text: "end of input" });
        return tokens;
      }
      tokens.push(token);
    }
  }

  #token([text, number, field, name]: RegExpExecArray): Token {
    if (number !== undefined) return { kind: "number", text };
    if (field !== undefined) return { kind: "field", text: field };
    if (name !== undefined) return { kind: "name", text };
    if (text === '"') return this.#string();
    if (text.startsWith("$") && text.length > 1) return { kind: "variable", text: text.slice(1) };
    if (text.startsWith("@")) return { kind: "format", text };
    return { kind: "mark", text };
  }

  #string(): Token {
    const parts: (string | Token[])[] = [];
    let text = "";
    for (;;) {
      const character = this.#source.charAt(this.#at++);
      if (character === "") throw syntaxError("syntax error, unterminated string");
      if (character === '"') break;
      if (character !== "\\") {
        text += character;
        continue;
      }
      const escaped = this.#source.charAt(this.#at++);
      if (escaped === "(") {
        parts.push(text, this.#until(")"));
        text = "";
      } else if (escaped === "u") {
        text += String.fromCharCode(Number.parseInt(this.#source.slice(this.#at, this.#at + 4), 16));
        this.#at += 4;
      } else if (escapes[escaped] !== undefined) text += escapes[escaped];
      else throw syntaxError("invalid escape in a string literal");
    }
    parts.push(text);
    return { kind: "string", text: "string", parts };
  }
}
