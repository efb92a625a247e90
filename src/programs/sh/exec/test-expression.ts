import type { TestExpression, Word } from "unbash";
import { testBinary, testUnary } from "../../test/primaries.js";
import { ShellError } from "../errors.js";
import { evaluateText } from "../expand/arithmetic.js";
import { arithmeticOperands } from "../expand/operands.js";
import { matches } from "../expand/pattern.js";
import { expandPattern, expandWord } from "../expand/words.js";
import type { Shell } from "../shell.js";

/** `[[ … ]]` */
export async function testExpression(shell: Shell, expression: TestExpression): Promise<boolean> {
  switch (expression.type) {
    case "TestGroup":
      return testExpression(shell, expression.expression);
    case "TestNot":
      return (await testExpression(shell, expression.operand)) !== (expression.negations.length % 2 === 1);
    case "TestLogical":
      // The first operand that decides ends it.
      for (const operand of expression.operands)
        if ((await testExpression(shell, operand)) === (expression.operator === "||"))
          return expression.operator === "||";
      return expression.operator === "&&";
    case "TestUnary": {
      const operand = await expandWord(shell, expression.operand);
      if (expression.operator === "-v") return shell.parameter(operand) !== undefined;
      return testUnary(shell, expression.operator, operand);
    }
    case "TestBinary":
      return binary(shell, expression.operator, expression.left, expression.right);
  }
}

const numeric = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

async function binary(shell: Shell, operator: string, left: Word, right: Word): Promise<boolean> {
  const text = await expandWord(shell, left);
  const caseless = shell.options.has("nocasematch");
  switch (operator) {
    case "=":
    case "==":
      return matches(await expandPattern(shell, right), text, { extended: true, caseless });
    case "!=":
      return !matches(await expandPattern(shell, right), text, { extended: true, caseless });
    case "=~":
      return regular(shell, text, await regularSource(shell, right), caseless);
  }
  const other = await expandWord(shell, right);
  if (!numeric.has(operator)) return testBinary(shell, operator, text, other);
  const operands = arithmeticOperands(shell);
  const [a, b] = [await evaluateText(text, operands), await evaluateText(other, operands)];
  return testBinary(shell, operator, String(a), String(b));
}

/** Quoted parts of a regular expression stand for themselves. */
async function regularSource(shell: Shell, word: Word): Promise<string> {
  const quoted = word.parts?.some(({ type }) => type === "SingleQuoted" || type === "DoubleQuoted");
  if (!quoted) return word.parts === undefined ? word.text : expandWord(shell, word);
  let source = "";
  for (const part of word.parts ?? []) {
    const text = await expandWord(shell, { ...word, text: part.text, parts: [part] });
    const literal = part.type === "SingleQuoted" || part.type === "DoubleQuoted";
    source += literal ? text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : text;
  }
  return source;
}

function regular(shell: Shell, text: string, source: string, caseless: boolean): boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(
      source.replace(/\[\[:(\w+):\]\]/g, (_, name) => classes[name] ?? "[]"),
      caseless ? "i" : "",
    );
  } catch {
    throw new ShellError(`${source}: invalid regular expression`, 2);
  }
  const found = expression.exec(text);
  shell.variables.set(
    "BASH_REMATCH",
    [...(found ?? [])].map((group) => group ?? ""),
  );
  return found !== null;
}

const classes: Record<string, string> = {
  alnum: "[A-Za-z0-9]",
  alpha: "[A-Za-z]",
  digit: "[0-9]",
  lower: "[a-z]",
  punct: "[!-/:-@[-`{-~]",
  space: "\\s",
  upper: "[A-Z]",
  xdigit: "[0-9A-Fa-f]",
};
