import { CommandError } from "../errors.js";
import { ExpressionParser } from "./expressions.js";
import { tokenize } from "./lexer.js";
import type { FunctionTree, Pattern, Program, Redirect, Rule, Statement } from "./tree.js";

/** Makes the tree of a program. */
export function parseProgram(source: string): Program {
  return new Parser(tokenize(source)).program();
}

class Parser extends ExpressionParser {
  program(): Program {
    const rules: Rule[] = [];
    const functions = new Map<string, FunctionTree>();
    for (;;) {
      this.skipEnds();
      if (this.token.kind === "end") break;
      if (this.accept("function")) {
        const tree = this.#function();
        if (functions.has(tree.name))
          throw new CommandError(`function name \`${tree.name}' previously defined`, 2);
        functions.set(tree.name, tree);
      } else rules.push(this.#rule());
    }
    return { rules, functions };
  }

  #function(): FunctionTree {
    const name = this.next().text;
    this.expect("(");
    const parameters: string[] = [];
    while (!this.accept(")")) {
      this.skipNewlines();
      parameters.push(this.name());
      this.skipNewlines();
      if (!this.is(")")) this.expect(",");
    }
    this.skipNewlines();
    return { name, parameters, body: this.#block() };
  }

  #rule(): Rule {
    const pattern = this.#pattern();
    if (this.is("{")) return { pattern, body: this.#block() };
    if (pattern.kind === "begin" || pattern.kind === "end") this.fail();
    return { pattern, body: { kind: "print", formatted: false, args: [], redirect: null } };
  }

  #pattern(): Pattern {
    if (this.is("{")) return { kind: "always" };
    if (this.accept("BEGIN")) return { kind: "begin" };
    if (this.accept("END")) return { kind: "end" };
    const from = this.expression();
    if (!this.accept(",")) return { kind: "when", test: from };
    this.skipNewlines();
    return { kind: "range", from, to: this.expression() };
  }

  #block(): Statement {
    this.expect("{");
    const body: Statement[] = [];
    for (this.skipEnds(); !this.accept("}"); this.skipEnds()) body.push(this.#statement());
    return { kind: "block", body };
  }

  /** Newlines and semicolons. */
  skipEnds(): void {
    while (this.token.kind === "newline" || this.is(";")) this.next();
  }

  #statement(): Statement {
    if (this.is("{")) return this.#block();
    const { kind, text } = this.token;
    if (kind === "word")
      switch (text) {
        case "if":
          return this.#if();
        case "while": {
          this.next();
          const test = this.#parenthesized();
          if (this.accept(";")) return { kind: "while", test, body: { kind: "block", body: [] } };
          return { kind: "while", test, body: this.#body() };
        }
        case "do": {
          this.next();
          const body = this.#body();
          this.skipEnds();
          this.expect("while");
          const test = this.#parenthesized();
          this.#end();
          return { kind: "do", test, body };
        }
        case "for":
          return this.#for();
      }
    if (this.accept(";")) return { kind: "block", body: [] };
    const statement = this.#simple();
    this.#end();
    return statement;
  }

  #parenthesized() {
    this.expect("(");
    const value = this.expression();
    this.expect(")");
    return value;
  }

  #body(): Statement {
    this.skipNewlines();
    return this.#statement();
  }

  #if(): Statement {
    this.next();
    const test = this.#parenthesized();
    const yes = this.#body();
    const before = this.mark();
    this.skipEnds();
    if (this.accept("else")) return { kind: "if", test, yes, no: this.#body() };
    this.reset(before);
    return { kind: "if", test, yes, no: null };
  }

  #for(): Statement {
    this.next();
    this.expect("(");
    const before = this.mark();
    if (this.token.kind === "name") {
      const variable = this.next().text;
      if (this.accept("in") && this.token.kind === "name") {
        const name = this.next().text;
        if (this.accept(")")) return { kind: "each", variable, name, body: this.#body() };
      }
      this.reset(before);
    }
    const first = this.is(";") ? null : this.#simple();
    this.expect(";");
    this.skipNewlines();
    const test = this.is(";") ? null : this.expression();
    this.expect(";");
    this.skipNewlines();
    const next = this.is(")") ? null : this.#simple();
    this.expect(")");
    if (this.accept(";")) return { kind: "for", first, test, next, body: { kind: "block", body: [] } };
    return { kind: "for", first, test, next, body: this.#body() };
  }

  #simple(): Statement {
    const { kind, text } = this.token;
    if (kind !== "word") return { kind: "expression", value: this.expression() };
    switch (text) {
      case "print":
      case "printf":
        this.next();
        return this.#print(text === "printf");
      case "next":
      case "nextfile":
      case "break":
      case "continue":
        this.next();
        return { kind: text };
      case "exit":
      case "return":
        this.next();
        return { kind: text, value: this.#ends() ? null : this.expression() };
      case "delete": {
        this.next();
        const name = this.name();
        return { kind: "delete", name, index: this.accept("[") ? this.list("]") : null };
      }
      default:
        return { kind: "expression", value: this.expression() };
    }
  }

  #print(formatted: boolean): Statement {
    let args = this.#ends() || this.#redirects() ? [] : this.printed();
    const [only] = args;
    if (args.length === 1 && only?.kind === "list") args = only.items;
    if (formatted && args.length === 0) this.fail();
    let redirect: Redirect | null = null;
    if (this.#redirects()) {
      const operator = this.next().text as Redirect["operator"];
      redirect = { operator, to: this.concatenation() };
    }
    return { kind: "print", formatted, args, redirect };
  }

  #redirects(): boolean {
    return this.is(">") || this.is(">>") || this.is("|");
  }

  #ends(): boolean {
    return this.token.kind === "newline" || this.token.kind === "end" || this.is(";") || this.is("}");
  }

  #end(): void {
    if (this.token.kind === "newline" || this.is(";")) this.next();
    else if (!this.is("}") && this.token.kind !== "end") this.fail();
  }
}
