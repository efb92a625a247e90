/** What is known of the tokens of any language: the last one is the `end`, and a `mark` stands for itself. */
interface AnyToken {
  kind: string;
  text: string;
}

/** The tokens of a program, read one after the other. */
export abstract class TokenReader<Token extends AnyToken> {
  readonly #tokens: readonly Token[];
  readonly #words: Token["kind"];
  #at = 0;

  /** `words` is the kind of tokens that, beside marks, are known by their text. */
  constructor(tokens: readonly Token[], words: Token["kind"]) {
    this.#tokens = tokens;
    this.#words = words;
  }

  /** Says what is wrong with the token that comes next. */
  abstract fail(): never;

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  get following(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  get ended(): boolean {
    return this.token.kind === "end";
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  back(): void {
    this.#at--;
  }

  mark(): number {
    return this.#at;
  }

  reset(mark: number): void {
    this.#at = mark;
  }

  is(text: string): boolean {
    const { token } = this;
    return token.text === text && (token.kind === "mark" || token.kind === this.#words);
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }
}
