import {
  binaryOperators,
  TestError,
  type TestSurroundings,
  testBinary,
  testUnary,
  unaryOperators,
} from "./primaries.js";

/** Evaluates the arguments of `test`, by their count first, as POSIX says. */
export function evaluateTest(surroundings: TestSurroundings, args: readonly string[]): boolean {
  const [first = "", second = "", third = "", fourth = ""] = args;
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return first !== "";
    case 2:
      if (first === "!") return second === "";
      if (unaryOperators.has(first)) return testUnary(surroundings, first, second);
      throw new TestError(`${first}: unary operator expected`);
    case 3:
      if (binaryOperators.has(second)) return testBinary(surroundings, second, first, third);
      if (first === "!") return !evaluateTest(surroundings, [second, third]);
      if (first === "(" && third === ")") return second !== "";
      break;
    case 4:
      if (first === "!") return !evaluateTest(surroundings, [second, third, fourth]);
      if (first === "(" && fourth === ")") return evaluateTest(surroundings, [second, third]);
      break;
  }
  return new Expression(surroundings, args).whole();
}

/** The grammar with `-a`, `-o`, `!` and parentheses. */
class Expression {
  readonly #surroundings: TestSurroundings;
  readonly #args: readonly string[];
  #at = 0;

  constructor(surroundings: TestSurroundings, args: readonly string[]) {
    this.#surroundings = surroundings;
    this.#args = args;
  }

  whole(): boolean {
    const result = this.#or();
    if (this.#at < this.#args.length) throw new TestError("too many arguments");
    return result;
  }

  #next(): string {
    const arg = this.#args[this.#at++];
    if (arg === undefined) throw new TestError("argument expected");
    return arg;
  }

  #or(): boolean {
    let result = this.#and();
    while (this.#args[this.#at] === "-o") {
      this.#at++;
      result = this.#and() || result;
    }
    return result;
  }

  #and(): boolean {
    let result = this.#not();
    while (this.#args[this.#at] === "-a") {
      this.#at++;
      result = this.#not() && result;
    }
    return result;
  }

  #not(): boolean {
    if (this.#args[this.#at] !== "!") return this.#primary();
    this.#at++;
    return !this.#not();
  }

  #primary(): boolean {
    const first = this.#next();
    if (binaryOperators.has(this.#args[this.#at] ?? "")) {
      const operator = this.#next();
      return testBinary(this.#surroundings, operator, first, this.#next());
    }
    if (first === "(") {
      const result = this.#or();
      if (this.#next() !== ")") throw new TestError("')' expected");
      return result;
    }
    return unaryOperators.has(first) ? testUnary(this.#surroundings, first, this.#next()) : first !== "";
  }
}
