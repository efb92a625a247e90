import { CommandError } from "../errors.js";
import type { Globals } from "./globals.js";
import { arraysOf, type Scope } from "./scopes.js";
import type { Expression, FunctionTree, Program, Rule, Statement, Target } from "./tree.js";

/** A program as functions of JavaScript, which call the machine for all that is more than arithmetic. */
export interface Compiled {
  begin: () => Promise<void>;
  /** For each record. */
  main: () => Promise<void>;
  end: () => Promise<void>;
  /** Whether there is anything to do with records. */
  reads: boolean;
}

const symbols: Readonly<Record<string, string>> = {
  "<": "<",
  "<=": "<=",
  "==": "===",
  "!=": "!==",
  ">": ">",
  ">=": ">=",
};

/** Makes functions of the tree. `machine` is what they call. */
export function compileProgram(program: Program, globals: Globals, machine: object): Compiled {
  const source = new Compiler(program, globals).source();
  // Compiled, since a walk over the tree would take ten times as long.
  const make = new Function("m", "g", source) as (machine: object, globals: object) => Compiled;
  return make(machine, globals.values);
}

class Compiler {
  readonly #program: Program;
  readonly #globals: Globals;
  readonly #arrays: ReturnType<typeof arraysOf>;
  #scope: Scope | null = null;
  #names = 0;
  #temporaries: string[] = [];

  constructor(program: Program, globals: Globals) {
    this.#program = program;
    this.#globals = globals;
    this.#arrays = arraysOf(program);
  }

  source(): string {
    for (const name of this.#arrays.globals) this.#globals.array(name);
    const of = (kind: string) => this.#program.rules.filter(({ pattern }) => pattern.kind === kind);
    const others = this.#program.rules.filter(
      ({ pattern }) => pattern.kind !== "begin" && pattern.kind !== "end",
    );
    const functions = [...this.#program.functions.values()].map((tree) => this.#function(tree));
    const body = (rules: readonly Rule[]) =>
      this.#withTemporaries(() => rules.map(({ body: one }) => this.#statement(one)).join("\n"));
    return `"use strict";
${functions.join("\n")}
return {
  reads: ${others.length + of("end").length > 0},
  async begin() {\n${body(of("begin"))}\n},
  async main() {\n${this.#withTemporaries(() => others.map((rule) => this.#rule(rule)).join("\n"))}\n},
  async end() {\n${body(of("end"))}\n},
};`;
  }

  /** Values that are needed twice have names of their own in each function. */
  #withTemporaries(make: () => string): string {
    this.#temporaries = [];
    const text = make();
    return this.#temporaries.length === 0 ? text : `let ${this.#temporaries.join(", ")};\n${text}`;
  }

  #temporary(): string {
    const name = `t${this.#names++}`;
    this.#temporaries.push(name);
    return name;
  }

  #function({ name, parameters, body }: FunctionTree): string {
    const arrays = this.#arrays.functions.get(name) as ReadonlySet<string>;
    this.#scope = { parameters: new Set(parameters), arrays };
    const made = parameters
      .filter((one) => arrays.has(one))
      .map((one) => `if (p_${one} === undefined) p_${one} = new Map();`);
    const text = `async function f_${name}(${parameters.map((one) => `p_${one}`).join(", ")}) {
${this.#withTemporaries(() => made.join("\n") + this.#statement(body))}\n}`;
    this.#scope = null;
    return text;
  }

  #rule({ pattern, body }: Rule): string {
    if (pattern.kind === "when") return `if (${this.#test(pattern.test)}) {\n${this.#statement(body)}\n}`;
    if (pattern.kind !== "range") return `{\n${this.#statement(body)}\n}`;
    const name = `range${this.#names++}`;
    return `{ let hit = m.${name} === true;
if (!hit && ${this.#test(pattern.from)}) hit = m.${name} = true;
if (hit) {\nif (${this.#test(pattern.to)}) m.${name} = false;\n${this.#statement(body)}\n} }`;
  }

  #statement(statement: Statement): string {
    switch (statement.kind) {
      case "block":
        return `{\n${statement.body.map((one) => this.#statement(one)).join("\n")}\n}`;
      case "expression":
        return `${this.#value(statement.value)};`;
      case "print": {
        const { formatted, redirect, args } = statement;
        const values = `[${args.map((one) => this.#value(one)).join(", ")}]`;
        if (redirect === null)
          return `m.${formatted ? "printf" : "print"}(${values}); if (m.full) await m.flush();`;
        return `await m.printTo(${formatted}, ${values}, ${JSON.stringify(redirect.operator)}, ${this.#text(redirect.to)});`;
      }
      case "if": {
        const other = statement.no === null ? "" : ` else {\n${this.#statement(statement.no)}\n}`;
        return `if (${this.#test(statement.test)}) {\n${this.#statement(statement.yes)}\n}${other}`;
      }
      case "while":
        return `while (${this.#test(statement.test)}) {\nif (m.due) await m.turn();\n${this.#statement(statement.body)}\n}`;
      case "do":
        return `do {\nif (m.due) await m.turn();\n${this.#statement(statement.body)}\n} while (${this.#test(statement.test)});`;
      case "for": {
        const { first, test, next, body } = statement;
        const step = next === null ? "" : this.#statement(next);
        const label = `loop${this.#names++}`;
        // What comes next runs after \`continue\` too.
        return `${first === null ? "" : this.#statement(first)}
{ let ${label} = false; for (;;) {
if (${label}) {\n${step}\n} ${label} = true;
if (!(${test === null ? "true" : this.#test(test)})) break;
if (m.due) await m.turn();\n${this.#statement(body)}\n} }`;
      }
      case "each":
        return `for (const key of [...${this.#array(statement.name)}.keys()]) {
if (m.due) await m.turn();
${this.#assign({ kind: "variable", name: statement.variable }, "m.outside(key)")};
${this.#statement(statement.body)}\n}`;
      case "delete":
        return statement.index === null
          ? `${this.#array(statement.name)}.clear();`
          : `${this.#array(statement.name)}.delete(${this.#index(statement.index)});`;
      case "return":
        return `return ${statement.value === null ? "undefined" : this.#value(statement.value)};`;
      case "exit":
        return `m.exit(${statement.value === null ? "null" : this.#number(statement.value)});`;
      case "next":
      case "nextfile":
        return `m.${statement.kind}();`;
      case "break":
      case "continue":
        return `${statement.kind};`;
    }
  }

  #number(expression: Expression): string {
    return expression.kind === "number" ? `(${expression.value})` : `m.number(${this.#value(expression)})`;
  }

  #text(expression: Expression): string {
    return expression.kind === "string"
      ? JSON.stringify(expression.value)
      : `m.text(${this.#value(expression)})`;
  }

  #test(expression: Expression): string {
    switch (expression.kind) {
      case "binary":
        if (expression.operator in symbols || expression.operator === "&&" || expression.operator === "||")
          return this.#boolean(expression);
        break;
      case "match":
      case "regex":
      case "in":
        return this.#boolean(expression);
    }
    return `m.boolean(${this.#value(expression)})`;
  }

  /** What is true or false, as JavaScript has that. */
  #boolean(expression: Expression): string {
    switch (expression.kind) {
      case "regex":
        return `m.matches(m.field(0), ${this.#regex(expression)})`;
      case "match":
        return `(${expression.negated ? "!" : ""}m.matches(${this.#value(expression.text)}, ${this.#regex(expression.pattern)}))`;
      case "in":
        return `${this.#array(expression.name)}.has(${this.#index(expression.index)})`;
      case "binary": {
        const { operator, left, right } = expression;
        if (operator === "&&" || operator === "||")
          return `(${this.#test(left)} ${operator} ${this.#test(right)})`;
        return `(m.compare(${this.#value(left)}, ${this.#value(right)}) ${symbols[operator]} 0)`;
      }
      default:
        return `m.boolean(${this.#value(expression)})`;
    }
  }

  #regex(expression: Expression): string {
    return expression.kind === "regex"
      ? `m.regex(${JSON.stringify(expression.source)})`
      : `m.regex(${this.#text(expression)})`;
  }

  #value(expression: Expression): string {
    switch (expression.kind) {
      case "number":
        return `(${expression.value})`;
      case "string":
        return JSON.stringify(expression.value);
      case "list": {
        const [only] = expression.items;
        if (only === undefined || expression.items.length > 1)
          throw new CommandError("syntax error: a list is no value", 2);
        return this.#value(only);
      }
      case "variable":
        return this.#read(expression.name);
      case "element":
        return `m.element(${this.#array(expression.name)}, ${this.#index(expression.index)})`;
      case "field":
        return `m.field(${this.#number(expression.index)})`;
      case "assign":
        return this.#assignment(expression);
      case "step": {
        const [old, by] = [this.#number(expression.target), expression.by];
        if (expression.before) return this.#assign(expression.target, `${old} + ${by}`);
        const name = this.#temporary();
        return `(${name} = ${old}, ${this.#assign(expression.target, `${name} + ${by}`)}, ${name})`;
      }
      case "condition":
        return `(${this.#test(expression.test)} ? ${this.#value(expression.yes)} : ${this.#value(expression.no)})`;
      case "unary":
        if (expression.operator === "!") return `(${this.#test(expression.operand)} ? 0 : 1)`;
        return `(${expression.operator} ${this.#number(expression.operand)})`;
      case "regex":
      case "match":
      case "in":
        return `(${this.#boolean(expression)} ? 1 : 0)`;
      case "binary":
        return this.#binary(expression.operator, expression);
      case "call":
        return this.#call(expression.name, expression.args);
      case "builtin":
        return this.#builtin(expression.name, expression.args);
      case "getline": {
        const source = expression.source === null ? "null" : this.#text(expression.source);
        const target =
          expression.target === null
            ? "null"
            : `async (line) => { ${this.#assign(expression.target, "line")}; }`;
        return `(await m.getline(${JSON.stringify(expression.from)}, ${source}, ${target}))`;
      }
    }
  }

  #binary(operator: string, { left, right }: { left: Expression; right: Expression }): string {
    if (operator === " ") return `(${this.#text(left)} + ${this.#text(right)})`;
    if (operator in symbols || operator === "&&" || operator === "||")
      return `(${this.#boolean({ kind: "binary", operator, left, right })} ? 1 : 0)`;
    return arithmetic(operator, this.#number(left), this.#number(right));
  }

  #assignment({ operator, target, value }: Expression & { kind: "assign" }): string {
    if (operator === "=") return this.#assign(target, `m.copy(${this.#value(value)})`);
    return this.#assign(target, arithmetic(operator.slice(0, -1), this.#number(target), this.#number(value)));
  }

  #assign(target: Target, value: string): string {
    switch (target.kind) {
      case "field":
        return `m.setField(${this.#number(target.index)}, ${value})`;
      case "element":
        return `m.setElement(${this.#array(target.name)}, ${this.#index(target.index)}, ${value})`;
      case "variable":
        if (this.#isArray(target.name))
          throw new CommandError(`${target.name} is an array, and no variable`, 2);
        if (this.#scope?.parameters.has(target.name)) return `(p_${target.name} = ${value})`;
        if (this.#globals.special(target.name)) return `m.setSpecial("${target.name}", ${value})`;
        return `(g.${target.name} = ${value})`;
    }
  }

  #read(name: string): string {
    if (this.#isArray(name)) throw new CommandError(`${name} is an array, and no variable`, 2);
    if (this.#scope?.parameters.has(name)) return `p_${name}`;
    return name === "NF" ? "m.fieldCount()" : `g.${name}`;
  }

  #isArray(name: string): boolean {
    if (this.#scope?.parameters.has(name)) return this.#scope.arrays.has(name);
    return this.#arrays.globals.has(name);
  }

  #array(name: string): string {
    return this.#scope?.parameters.has(name) ? `p_${name}` : `g.${name}`;
  }

  #index(index: readonly Expression[]): string {
    return index.map((one) => this.#text(one)).join(" + m.text(g.SUBSEP) + ");
  }

  #call(name: string, args: readonly Expression[]): string {
    const tree = this.#program.functions.get(name);
    if (tree === undefined) throw new CommandError(`function ${name} never defined`, 2);
    if (args.length > tree.parameters.length)
      throw new CommandError(`too many arguments in call to ${name}`, 2);
    const arrays = this.#arrays.functions.get(name) as ReadonlySet<string>;
    const values = args.map((one, at) =>
      arrays.has(tree.parameters[at] as string) && one.kind === "variable"
        ? this.#array(one.name)
        : this.#value(one),
    );
    return `(await f_${name}(${values.join(", ")}))`;
  }

  #builtin(name: string, args: readonly Expression[]): string {
    const [first, second, third] = args;
    switch (name) {
      case "length":
        if (first?.kind === "variable" && this.#isArray(first.name)) return `${this.#array(first.name)}.size`;
        return `m.length(${first === undefined ? "m.field(0)" : this.#value(first)})`;
      case "split": {
        const separator =
          third === undefined ? "null" : third.kind === "regex" ? this.#regex(third) : this.#text(third);
        return `m.split(${this.#text(first as Expression)}, ${this.#array(nameOf(second))}, ${separator})`;
      }
      case "sub":
      case "gsub": {
        const target = third ?? { kind: "field", index: { kind: "number", value: 0 } };
        const result = this.#temporary();
        const made = `${result} = m.replace(${name === "gsub"}, ${this.#regex(first as Expression)}, ${this.#text(second as Expression)}, ${this.#text(target)})`;
        const assigned = isTarget(target)
          ? `${result}.count > 0 && ${this.#assign(target, `${result}.text`)}`
          : "0";
        return `(${made}, ${assigned}, ${result}.count)`;
      }
      case "match":
        return `m.match(${this.#text(first as Expression)}, ${this.#regex(second as Expression)}, ${third === undefined ? "null" : this.#array(nameOf(third))})`;
      case "gensub":
        return `m.gensub(${this.#regex(first as Expression)}, ${args
          .slice(1)
          .map((one) => this.#text(one))
          .join(", ")})`;
      case "close":
      case "fflush":
      case "system":
        return `(await m.${name}(${first === undefined ? "null" : this.#text(first)}))`;
      default:
        return `m.${name}(${args.map((one) => this.#value(one)).join(", ")})`;
    }
  }
}

function arithmetic(operator: string, left: string, right: string): string {
  if (operator === "^") return `(${left} ** ${right})`;
  if (operator === "/" || operator === "%")
    return `m.${operator === "/" ? "divide" : "remainder"}(${left}, ${right})`;
  return `(${left} ${operator} ${right})`;
}

function isTarget(expression: Expression): expression is Target {
  return ["variable", "element", "field"].includes(expression.kind);
}

function nameOf(expression: Expression | undefined): string {
  if (expression?.kind !== "variable") throw new CommandError("syntax error: an array was expected", 2);
  return expression.name;
}
