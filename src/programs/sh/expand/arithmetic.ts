import { type ArithmeticExpression, parse } from "unbash";
import { ShellError } from "../errors.js";

/** What an arithmetic expression reads and changes. */
export interface Operands {
  get(name: string, index: string | undefined): string | undefined;
  set(name: string, index: string | undefined, value: string): void;
  /** The text of a part of an expression that needs expansion first. */
  expand(
    word: Extract<ArithmeticExpression, { type: "ArithmeticWord" | "ArithmeticCommandExpansion" }>,
  ): Promise<string>;
}

/** How deep variables may name expressions that name variables. */
const MAX_DEPTH = 1024;

const VARIABLE = /^([A-Za-z_]\w*)(?:\[(.*)\])?$/s;

/** Evaluates with the 64-bit integers of a shell. */
export async function evaluate(
  expression: ArithmeticExpression | undefined,
  operands: Operands,
): Promise<bigint> {
  return expression === undefined ? 0n : new Evaluation(operands).value(expression);
}

/** The same for an expression that is text. */
export async function evaluateText(text: string, operands: Operands): Promise<bigint> {
  return new Evaluation(operands).text(text);
}

class Evaluation {
  readonly #operands: Operands;
  #depth = 0;

  constructor(operands: Operands) {
    this.#operands = operands;
  }

  async text(text: string): Promise<bigint> {
    if (text.trim() === "") return 0n;
    const plain = number(text.trim());
    if (plain !== null) return plain;
    const { commands, errors } = parse(`((${text}\n))`);
    const command = commands[0]?.command;
    if (
      errors !== undefined ||
      commands.length !== 1 ||
      command?.type !== "ArithmeticCommand" ||
      !command.expression
    )
      throw new ShellError(`${text}: syntax error in expression`);
    return this.value(command.expression);
  }

  async value(expression: ArithmeticExpression): Promise<bigint> {
    switch (expression.type) {
      case "ArithmeticGroup":
        return this.value(expression.expression);
      case "ArithmeticTernary":
        return (await this.value(expression.test)) !== 0n
          ? this.value(expression.consequent)
          : this.value(expression.alternate);
      case "ArithmeticUnary":
        return this.#unary(expression);
      case "ArithmeticBinary":
        return this.#binary(expression);
      case "ArithmeticWord":
      case "ArithmeticCommandExpansion":
        return this.#word(await this.#operands.expand(expression));
    }
  }

  async #word(text: string): Promise<bigint> {
    const plain = number(text);
    if (plain !== null) return plain;
    const variable = VARIABLE.exec(text);
    // What an expansion gave may be an expression of its own.
    if (variable === null) return this.#nested(text);
    const held = this.#operands.get(variable[1] as string, await this.#index(variable[2]));
    return this.#nested(held ?? "0");
  }

  async #nested(text: string): Promise<bigint> {
    if (++this.#depth > MAX_DEPTH) throw new ShellError(`${text}: expression recursion level exceeded`);
    try {
      return await this.text(text);
    } finally {
      this.#depth--;
    }
  }

  /** An index is an expression, but for the keys of associative arrays. */
  async #index(text: string | undefined): Promise<string | undefined> {
    if (text === undefined || VARIABLE.exec(text) === null) return text;
    return String(await this.text(text));
  }

  async #unary(expression: Extract<ArithmeticExpression, { type: "ArithmeticUnary" }>): Promise<bigint> {
    const { operator, operand, prefix } = expression;
    if (operator === "++" || operator === "--") {
      const before = await this.value(operand);
      const after = BigInt.asIntN(64, operator === "++" ? before + 1n : before - 1n);
      await this.#assign(operand, after);
      return prefix ? after : before;
    }
    const value = await this.value(operand);
    switch (operator) {
      case "-":
        return BigInt.asIntN(64, -value);
      case "+":
        return value;
      case "!":
        return truth(value === 0n);
      case "~":
        return ~value;
      default:
        throw new ShellError(`${operator}: syntax error: operand expected`);
    }
  }

  async #binary(expression: Extract<ArithmeticExpression, { type: "ArithmeticBinary" }>): Promise<bigint> {
    const { operator, left, right } = expression;
    if (operator === "&&") return truth((await this.value(left)) !== 0n && (await this.value(right)) !== 0n);
    if (operator === "||") return truth((await this.value(left)) !== 0n || (await this.value(right)) !== 0n);
    if (operator === "=") return this.#assign(left, await this.value(right));
    const compound = /^(.+)=$/.exec(operator)?.[1];
    if (compound !== undefined && !["<=", ">=", "==", "!="].includes(operator)) {
      const before = await this.value(left);
      return this.#assign(left, calculate(compound, before, await this.value(right)));
    }
    return calculate(operator, await this.value(left), await this.value(right));
  }

  async #assign(target: ArithmeticExpression, value: bigint): Promise<bigint> {
    const name = target.type === "ArithmeticWord" ? VARIABLE.exec(target.value) : null;
    if (name === null) throw new ShellError("attempted assignment to non-variable");
    this.#operands.set(name[1] as string, await this.#index(name[2]), String(value));
    return value;
  }
}

function truth(holds: boolean): bigint {
  return holds ? 1n : 0n;
}

function calculate(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return BigInt.asIntN(64, a + b);
    case "-":
      return BigInt.asIntN(64, a - b);
    case "*":
      return BigInt.asIntN(64, a * b);
    case "/":
    case "%":
      if (b === 0n) throw new ShellError("division by 0");
      return BigInt.asIntN(64, operator === "/" ? a / b : a % b);
    case "**":
      if (b < 0n) throw new ShellError("exponent less than 0");
      return power(a, b);
    case "<<":
      return BigInt.asIntN(64, a << (b & 63n));
    case ">>":
      return a >> (b & 63n);
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case ",":
      return b;
    default:
      return truth(compare(operator, a, b));
  }
}

function compare(operator: string, a: bigint, b: bigint): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    default:
      throw new ShellError(`${operator}: syntax error: invalid arithmetic operator`);
  }
}

/** By squaring, so that no intermediate result grows beyond what is kept. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

/** Decimal, octal (`017`), hexadecimal (`0x1f`) or of a named base (`2#101`); null for anything else. */
function number(text: string): bigint | null {
  const based = /^(\d+)#([0-9A-Za-z@_]+)$/.exec(text);
  if (based !== null) return inBase(Number(based[1]), based[2] as string);
  if (/^0[xX][0-9A-Fa-f]+$/.test(text)) return BigInt.asIntN(64, BigInt(text));
  if (/^0[0-7]+$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`));
  if (/^0\d+$/.test(text))
    throw new ShellError(`${text}: value too great for base (error token is "${text}")`);
  return /^\d+$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : null;
}

function inBase(base: number, digits: string): bigint {
  if (base < 2 || base > 64) throw new ShellError(`${base}#${digits}: invalid arithmetic base`);
  let value = 0n;
  for (const digit of digits) {
    const place = digitValue(digit, base);
    if (place >= base) throw new ShellError(`${base}#${digits}: value too great for base`);
    value = BigInt.asIntN(64, value * BigInt(base) + BigInt(place));
  }
  return value;
}

function digitValue(digit: string, base: number): number {
  if (/\d/.test(digit)) return Number(digit);
  if (/[a-z]/.test(digit)) return digit.charCodeAt(0) - 87;
  if (/[A-Z]/.test(digit)) return digit.charCodeAt(0) - (base <= 36 ? 55 : 29);
  return digit === "@" ? 62 : 63;
}
