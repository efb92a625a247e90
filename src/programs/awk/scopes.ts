import type { Expression, FunctionTree, Program, Statement } from "./tree.js";

/** The parameters of a function, and those of them that are arrays. */
export interface Scope {
  parameters: ReadonlySet<string>;
  arrays: ReadonlySet<string>;
}

/** The names that are arrays: used as such, or passed where one is expected. */
export function arraysOf(program: Program): { globals: Set<string>; functions: Map<string, Set<string>> } {
  const globals = new Set<string>(["ENVIRON", "ARGV"]);
  const functions = new Map([...program.functions.keys()].map((name) => [name, new Set<string>()]));
  const found = { globals, functions };
  let before = -1;
  // What one call tells may tell more of others.
  for (let now = 0; now !== before; now = sizeOf(found)) {
    before = now === 0 ? -1 : now;
    for (const { pattern, body } of program.rules) {
      const finder = new Finder(program, found, null);
      if (pattern.kind === "when") finder.expression(pattern.test);
      if (pattern.kind === "range") for (const one of [pattern.from, pattern.to]) finder.expression(one);
      finder.statement(body);
    }
    for (const tree of program.functions.values()) new Finder(program, found, tree).statement(tree.body);
    if (sizeOf(found) === before) break;
  }
  return found;
}

type Found = ReturnType<typeof arraysOf>;

function sizeOf({ globals, functions }: Found): number {
  return [...functions.values()].reduce((sum, { size }) => sum + size, globals.size);
}

class Finder {
  readonly #program: Program;
  readonly #found: Found;
  readonly #within: FunctionTree | null;

  constructor(program: Program, found: Found, within: FunctionTree | null) {
    this.#program = program;
    this.#found = found;
    this.#within = within;
  }

  #array(name: string): void {
    const own = this.#within?.parameters.includes(name);
    const set = own ? this.#found.functions.get((this.#within as FunctionTree).name) : this.#found.globals;
    set?.add(name);
  }

  statement(statement: Statement | null): void {
    if (statement === null) return;
    if (statement.kind === "each" || statement.kind === "delete") this.#array(statement.name);
    for (const value of Object.values(statement)) this.#any(value);
  }

  expression(expression: Expression): void {
    if (expression.kind === "element" || expression.kind === "in") this.#array(expression.name);
    if (expression.kind === "builtin") {
      const { name, args } = expression;
      const array = name === "split" ? args[1] : name === "match" ? args[2] : undefined;
      if (array?.kind === "variable") this.#array(array.name);
    }
    if (expression.kind === "call") {
      const tree = this.#program.functions.get(expression.name);
      const arrays = this.#found.functions.get(expression.name);
      for (const [at, argument] of expression.args.entries()) {
        const parameter = tree?.parameters[at];
        if (argument.kind === "variable" && parameter !== undefined && arrays?.has(parameter))
          this.#array(argument.name);
        // An array that is passed is one in the function too.
        if (argument.kind === "variable" && parameter !== undefined && this.#isArray(argument.name))
          arrays?.add(parameter);
      }
    }
    for (const value of Object.values(expression)) this.#any(value);
  }

  #isArray(name: string): boolean {
    const within = this.#within;
    if (within?.parameters.includes(name)) return this.#found.functions.get(within.name)?.has(name) ?? false;
    return this.#found.globals.has(name);
  }

  /** The parts of a node: nodes, lists of them, or what is none. */
  #any(value: unknown): void {
    if (Array.isArray(value)) for (const one of value) this.#any(one);
    else if (typeof value === "object" && value !== null) {
      if ("kind" in value && statements.has(value.kind as string)) this.statement(value as Statement);
      else if ("kind" in value) this.expression(value as Expression);
      else for (const one of Object.values(value)) this.#any(one);
    }
  }
}

const statements = new Set(
  "block expression print if while do for each delete exit return next nextfile break continue".split(" "),
);
