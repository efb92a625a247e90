import { CommandError } from "../errors.js";
import { TokenReader } from "../token-reader.js";
import { builtins, type Token } from "./lexer.js";
import type { Expression, Target } from "./tree.js";

const assignments = new Set(["=", "+=", "-=", "*=", "/=", "%=", "^="]);
const comparisons = new Set(["<", "<=", "==", "!=", ">", ">="]);

/** The part of the parser that reads expressions, from the loosest operator to the tightest. */
export class ExpressionParser extends TokenReader<Token> {
  /** Within the arguments of `print`, `>` redirects; within the head of `for`, `in` isn't an operator. */
  #redirecting = false;

  constructor(tokens: readonly Token[]) {
    super(tokens, "word");
  }

  override fail(): never {
    const { text, line, kind } = this.token;
    const near = kind === "newline" ? "newline" : text;
    throw new CommandError(`line ${line}: syntax error at or near ${near}`, 2);
  }

  skipNewlines(): void {
    while (this.token.kind === "newline") this.next();
  }

  name(): string {
    if (this.token.kind !== "name") this.fail();
    return this.next().text;
  }

  /** Expressions up to a closing mark, which is read too. */
  list(close: string): Expression[] {
    const items: Expression[] = [];
    this.skipNewlines();
    if (this.accept(close)) return items;
    const redirecting = this.#redirecting;
    this.#redirecting = false;
    do {
      this.skipNewlines();
      items.push(this.expression());
      this.skipNewlines();
    } while (this.accept(","));
    this.#redirecting = redirecting;
    this.expect(close);
    return items;
  }

  /** The arguments of `print`. */
  printed(): Expression[] {
    const items: Expression[] = [];
    this.#redirecting = true;
    do {
      if (items.length > 0) this.skipNewlines();
      items.push(this.expression());
    } while (this.accept(","));
    this.#redirecting = false;
    return items;
  }

  expression(): Expression {
    const left = this.#condition();
    if (!isTarget(left) || this.token.kind !== "mark" || !assignments.has(this.token.text)) return left;
    const operator = this.next().text;
    this.skipNewlines();
    return { kind: "assign", operator, target: left, value: this.expression() };
  }

  #condition(): Expression {
    const test = this.#or();
    if (!this.accept("?")) return test;
    this.skipNewlines();
    const yes = this.expression();
    this.skipNewlines();
    this.expect(":");
    this.skipNewlines();
    return { kind: "condition", test, yes, no: this.expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.accept("||")) {
      this.skipNewlines();
      left = { kind: "binary", operator: "||", left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.accept("&&")) {
      this.skipNewlines();
      left = { kind: "binary", operator: "&&", left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#match();
    while (this.accept("in"))
      left = { kind: "in", index: left.kind === "list" ? left.items : [left], name: this.name() };
    return left;
  }

  #match(): Expression {
    let text = this.#comparison();
    while (this.is("~") || this.is("!~")) {
      const negated = this.next().text === "!~";
      text = { kind: "match", negated, text, pattern: this.#comparison() };
    }
    return text;
  }

  #comparison(): Expression {
    let left = this.#piped();
    while (
      this.token.kind === "mark" &&
      comparisons.has(this.token.text) &&
      !(this.#redirecting && this.is(">"))
    ) {
      const operator = this.next().text;
      left = { kind: "binary", operator, left, right: this.#piped() };
    }
    return left;
  }

  /** `command | getline` */
  #piped(): Expression {
    let left = this.concatenation();
    while (this.is("|") && this.following?.text === "getline") {
      this.next();
      this.next();
      left = { kind: "getline", from: "command", source: left, target: this.#optionalTarget() };
    }
    return left;
  }

  concatenation(): Expression {
    let left = this.#sum();
    while (this.#startsValue()) left = { kind: "binary", operator: " ", left, right: this.#sum() };
    return left;
  }

  /** Whether what follows is a value, and not an operator or an end. */
  #startsValue(): boolean {
    const { kind, text } = this.token;
    if (["number", "string", "regex", "name", "call", "builtin"].includes(kind)) return true;
    return kind === "mark" && ["$", "(", "++", "--"].includes(text);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.is("+") || this.is("-")) {
      const operator = this.next().text;
      left = { kind: "binary", operator, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    while (this.is("*") || this.is("/") || this.is("%")) {
      const operator = this.next().text;
      left = { kind: "binary", operator, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expression {
    if (this.is("!") || this.is("-") || this.is("+")) {
      const operator = this.next().text as "!" | "-" | "+";
      return { kind: "unary", operator, operand: this.#unary() };
    }
    return this.#power();
  }

  #power(): Expression {
    const left = this.#postfix();
    if (!this.accept("^")) return left;
    // To the right, and before a sign on its left.
    const right = this.is("-") || this.is("+") || this.is("!") ? this.#unary() : this.#power();
    return { kind: "binary", operator: "^", left, right };
  }

  #postfix(): Expression {
    const value = this.#primary();
    if (!isTarget(value) || !(this.is("++") || this.is("--"))) return value;
    return { kind: "step", by: this.next().text === "++" ? 1 : -1, before: false, target: value };
  }

  #primary(): Expression {
    const token = this.next();
    switch (token.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "string":
        return { kind: "string", value: token.text };
      case "regex":
        return { kind: "regex", source: token.text };
      case "name":
        if (!this.accept("[")) return { kind: "variable", name: token.text };
        return { kind: "element", name: token.text, index: this.list("]") };
      case "call":
        this.expect("(");
        return { kind: "call", name: token.text, args: this.list(")") };
      case "builtin":
        return this.#builtin(token);
      case "mark":
        return this.#marked(token);
      case "word":
        if (token.text === "getline") return this.#getline();
        break;
      default:
        break;
    }
    this.back();
    return this.fail();
  }

  #marked(token: Token): Expression {
    switch (token.text) {
      case "(": {
        const items = this.list(")");
        const [only] = items;
        if (only === undefined) break;
        return items.length === 1 ? grouped(only) : { kind: "list", items };
      }
      case "$":
        if (this.is("++") || this.is("--")) return { kind: "field", index: this.#primary() };
        if (this.accept("-"))
          return { kind: "field", index: { kind: "unary", operator: "-", operand: this.#primary() } };
        return { kind: "field", index: this.#primary() };
      case "++":
      case "--": {
        const target = this.#primary();
        if (isTarget(target)) return { kind: "step", by: token.text === "++" ? 1 : -1, before: true, target };
        break;
      }
    }
    this.back();
    return this.fail();
  }

  #builtin(token: Token): Expression {
    const args = this.accept("(") ? this.list(")") : [];
    const [least, most] = builtins[token.text] as readonly [number, number];
    if (args.length < least || args.length > most)
      throw new CommandError(`line ${token.line}: wrong number of arguments to ${token.text}`, 2);
    return { kind: "builtin", name: token.text, args };
  }

  #getline(): Expression {
    const target = this.#optionalTarget();
    if (!this.accept("<")) return { kind: "getline", from: "input", source: null, target };
    return { kind: "getline", from: "file", source: this.#postfix(), target };
  }

  #optionalTarget(): Target | null {
    if (!(this.token.kind === "name" || this.is("$"))) return null;
    const value = this.#primary();
    return isTarget(value) ? value : this.fail();
  }
}

function isTarget(value: Expression): value is Target {
  return value.kind === "variable" || value.kind === "element" || value.kind === "field";
}

/** In parentheses, a variable is a value that can't be stepped or assigned to by what follows. */
function grouped(value: Expression): Expression {
  return value.kind === "field" || value.kind === "variable" || value.kind === "element"
    ? { kind: "list", items: [value] }
    : value;
}
