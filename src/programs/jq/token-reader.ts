import { syntaxError, type Token } from "./lexer.js";

/** The tokens of a program, read one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get following(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  back(): void {
    this.#at--;
  }

  get ended(): boolean {
    return this.token.kind === "end";
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  is(text: string): boolean {
    return this.token.text === text && (this.token.kind === "mark" || this.token.kind === "name");
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  fail(): never {
    const { kind, text } = this.token;
    throw syntaxError(`syntax error, unexpected ${kind === "end" ? text : `'${text}'`}`);
  }
}
