import { TokenReader } from "../token-reader.js";
import { Lexer, syntaxError, type Token } from "./lexer.js";
import type { Filter, Pattern } from "./tree.js";

const identity: Filter = { kind: "identity" };
const nothing: Filter = { kind: "call", name: "empty", args: [] };
const words = new Set(
  "def if then elif else end as reduce foreach try catch label and or import include __loc__".split(" "),
);

/** What binds how tightly: the higher, the tighter. */
const strengths: Readonly<Record<string, number>> = {
  "=": 2,
  "|=": 2,
  "+=": 2,
  "-=": 2,
  "*=": 2,
  "/=": 2,
  "%=": 2,
  "//=": 2,
  or: 3,
  and: 4,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  "%": 7,
};

export function parseFilter(source: string): Filter {
  const parser = new Parser(new Lexer(source).all());
  return parser.whole();
}

class Parser extends TokenReader<Token> {
  constructor(tokens: readonly Token[]) {
    super(tokens, "name");
  }

  override fail(): never {
    const { kind, text } = this.token;
    throw syntaxError(`syntax error, unexpected ${kind === "end" ? text : `'${text}'`}`);
  }

  whole(): Filter {
    if (this.ended) return identity;
    const filter = this.#pipe(true);
    if (!this.ended) this.fail();
    return filter;
  }

  #pipe(mayEnd = false): Filter {
    if (this.is("def")) {
      const { name, parameters, body } = this.#definition();
      const rest = mayEnd && this.ended ? identity : this.#pipe(mayEnd);
      return { kind: "define", name, parameters, body, rest };
    }
    if (this.accept("label")) {
      const name = this.next().text;
      this.expect("|");
      return { kind: "label", name, body: this.#pipe() };
    }
    const left = this.#comma();
    if (!this.accept("|")) return left;
    return { kind: "pipe", left, right: this.#pipe() };
  }

  #definition(): { name: string; parameters: string[]; body: Filter } {
    this.expect("def");
    const name = this.next().text;
    const parameters: string[] = [];
    if (this.accept("("))
      do {
        const token = this.next();
        parameters.push(token.kind === "variable" ? `$${token.text}` : token.text);
      } while (this.accept(";"));
    if (parameters.length > 0) this.expect(")");
    this.expect(":");
    const body = this.#pipe();
    this.expect(";");
    return { name, parameters, body };
  }

  #comma(): Filter {
    let left = this.#alternative();
    while (this.accept(",")) left = { kind: "comma", left, right: this.#alternative() };
    return left;
  }

  /** `//` binds more loosely than all other operators but `,` and `|`, and to the right; assignments are within. */
  #alternative(): Filter {
    const left = this.#operators(0);
    if (!this.accept("//")) return left;
    return { kind: "alternative", left, right: this.#alternative() };
  }

  #operators(least: number): Filter {
    let left = this.#postfix();
    for (;;) {
      const operator = this.token.text;
      const known = this.token.kind === "mark" || operator === "and" || operator === "or";
      const strength = known ? strengths[operator] : undefined;
      if (strength === undefined || strength < least) return left;
      this.next();
      if (strength === 2) {
        left = { kind: "assign", operator, target: left, value: this.#alternative() };
        continue;
      }
      const right = this.#operators(strength + 1);
      left =
        operator === "and" || operator === "or"
          ? { kind: operator, left, right }
          : { kind: "binary", operator, left, right };
    }
  }

  #postfix(): Filter {
    let filter = this.#primary();
    for (;;) {
      const token = this.token;
      if (token.kind === "field") {
        this.next();
        filter = { kind: "index", target: filter, index: { kind: "literal", value: token.text } };
      } else if (this.is(".") && this.following?.kind === "string") {
        this.next();
        filter = { kind: "index", target: filter, index: this.#text("@text") };
      } else if (this.is(".") && this.following?.text === "[") this.next();
      else if (this.accept("[")) filter = this.#bracket(filter);
      else if (this.accept("?")) filter = { kind: "try", body: filter, caught: null };
      else if (this.accept("as")) return this.#bind(filter);
      else return filter;
    }
  }

  #bind(source: Filter): Filter {
    const patterns = [this.#pattern()];
    while (this.accept("?//")) patterns.push(this.#pattern());
    this.expect("|");
    return { kind: "bind", source, patterns, body: this.#pipe() };
  }

  #bracket(target: Filter): Filter {
    if (this.accept("]")) return { kind: "each", target };
    if (this.accept(":")) {
      const to = this.#pipe();
      this.expect("]");
      return { kind: "slice", target, from: null, to };
    }
    const index = this.#pipe();
    if (this.accept(":")) {
      const to = this.is("]") ? null : this.#pipe();
      this.expect("]");
      return { kind: "slice", target, from: index, to };
    }
    this.expect("]");
    return { kind: "index", target, index };
  }

  #primary(): Filter {
    const token = this.token;
    switch (token.kind) {
      case "number":
        this.next();
        return { kind: "literal", value: Number(token.text) };
      case "string":
        return this.#text("@text");
      case "format":
        this.next();
        if (this.token.kind === "string") return this.#text(token.text);
        return { kind: "format", name: token.text };
      case "variable":
        this.next();
        return { kind: "variable", name: token.text };
      case "field":
        this.next();
        return { kind: "index", target: identity, index: { kind: "literal", value: token.text } };
      case "name":
        return this.#named();
      case "mark":
        return this.#marked();
      default:
        return this.fail();
    }
  }

  #marked(): Filter {
    const { text } = this.next();
    switch (text) {
      case ".":
        if (this.token.kind === "string")
          return { kind: "index", target: identity, index: this.#text("@text") };
        return identity;
      case "..":
        return { kind: "recurse" };
      case "-":
        return { kind: "negate", body: this.#postfix() };
      case "(": {
        const filter = this.#pipe();
        this.expect(")");
        return filter;
      }
      case "[": {
        if (this.accept("]")) return { kind: "array", body: null };
        const body = this.#pipe();
        this.expect("]");
        return { kind: "array", body };
      }
      case "{":
        return this.#object();
      default:
        this.back();
        return this.fail();
    }
  }

  #named(): Filter {
    const { text } = this.token;
    switch (text) {
      case "if":
        this.next();
        return this.#if();
      case "try": {
        this.next();
        const body = this.#postfix();
        return { kind: "try", body, caught: this.accept("catch") ? this.#postfix() : null };
      }
      case "reduce":
      case "foreach":
        return this.#fold(text);
      case "def": {
        const { name, parameters, body } = this.#definition();
        return { kind: "define", name, parameters, body, rest: this.#pipe() };
      }
      case "label":
        return this.#pipe();
      case "null":
      case "true":
      case "false":
        this.next();
        return { kind: "literal", value: text === "null" ? null : text === "true" };
    }
    if (words.has(text)) this.fail();
    this.next();
    if (text === "break" && this.token.kind === "variable") return { kind: "break", name: this.next().text };
    const args: Filter[] = [];
    if (this.accept("(")) {
      do args.push(this.#pipe());
      while (this.accept(";"));
      this.expect(")");
    }
    return { kind: "call", name: text, args };
  }

  #if(): Filter {
    const test = this.#pipe();
    this.expect("then");
    const yes = this.#pipe();
    if (this.accept("elif")) return { kind: "if", test, yes, no: this.#if() };
    const no = this.accept("else") ? this.#pipe() : identity;
    this.expect("end");
    return { kind: "if", test, yes, no };
  }

  #fold(kind: "reduce" | "foreach"): Filter {
    this.next();
    let source = this.#primary();
    while (!this.is("as")) {
      const before = this.token;
      if (this.token.kind === "field")
        source = { kind: "index", target: source, index: { kind: "literal", value: this.next().text } };
      else if (this.accept("[")) source = this.#bracket(source);
      else if (this.accept("?")) source = { kind: "try", body: source, caught: null };
      if (this.token === before) this.fail();
    }
    this.expect("as");
    const pattern = this.#pattern();
    this.expect("(");
    const first = this.#pipe();
    this.expect(";");
    const update = this.#pipe();
    const shown = kind === "foreach" && this.accept(";") ? this.#pipe() : null;
    this.expect(")");
    if (kind === "reduce") return { kind, source, pattern, first, update };
    return { kind, source, pattern, first, update, shown };
  }

  #pattern(): Pattern {
    if (this.token.kind === "variable") return { kind: "name", name: this.next().text };
    if (this.accept("[")) {
      const items: Pattern[] = [];
      do items.push(this.#pattern());
      while (this.accept(","));
      this.expect("]");
      return { kind: "array", items };
    }
    this.expect("{");
    const entries: { key: Filter; name: string | null; value: Pattern | null }[] = [];
    do {
      const variable = this.#variable();
      const key: Filter = variable === null ? this.#key() : { kind: "literal", value: variable };
      entries.push({ key, name: variable, value: this.accept(":") ? this.#pattern() : null });
    } while (this.accept(","));
    this.expect("}");
    return { kind: "object", entries };
  }

  #variable(): string | null {
    return this.token.kind === "variable" ? this.next().text : null;
  }

  #key(): Filter {
    const token = this.token;
    if (token.kind === "string") return this.#text("@text");
    if (token.kind === "name" || token.kind === "number") return { kind: "literal", value: this.next().text };
    this.expect("(");
    const key = this.#pipe();
    this.expect(")");
    return key;
  }

  #object(): Filter {
    const entries: { key: Filter; value: Filter }[] = [];
    while (!this.accept("}")) {
      const token = this.token;
      if (token.kind === "variable") {
        this.next();
        entries.push({
          key: { kind: "literal", value: token.text },
          value: { kind: "variable", name: token.text },
        });
      } else if (token.kind === "format") {
        this.next();
        const key = this.#text(token.text);
        entries.push({ key, value: this.#valueOf(key) });
      } else {
        const key = this.#key();
        entries.push({ key, value: this.#valueOf(key) });
      }
      if (!this.is("}")) this.expect(",");
    }
    return { kind: "object", entries };
  }

  /** Without a value, it is the field of that name. */
  #valueOf(key: Filter): Filter {
    if (!this.accept(":")) return { kind: "index", target: identity, index: key };
    let value = this.#noComma();
    while (this.accept("|")) value = { kind: "pipe", left: value, right: this.#noComma() };
    return value;
  }

  #noComma(): Filter {
    return this.#alternative();
  }

  #text(format: string): Filter {
    const { parts = [] } = this.next();
    const [only] = parts;
    if (parts.length === 1 && typeof only === "string") return { kind: "literal", value: only };
    const made = parts.map((part) => {
      if (typeof part === "string") return part;
      return part.length === 1 ? nothing : new Parser(part).whole();
    });
    return { kind: "text", format, parts: made };
  }
}
