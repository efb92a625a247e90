import type { Command } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { missingOperand, parseOptions } from "../options.js";

const AT_ONCE = 1000;

export const seq: Command = async (context) => {
  // Numbers below zero are no options.
  const first = context.args.findIndex((arg) => /^-[\d.]/.test(arg));
  const operand = context.args.findIndex((arg) => /^[\d.]/.test(arg));
  const options = parseOptions(
    context,
    { letters: "f:s:w", names: { format: "f:", separator: "s:", "equal-width": "w" }, inOrder: true },
    first >= 0 && (operand < 0 || first < operand) ? context.args.toSpliced(first, 0, "--") : context.args,
  );
  const { operands } = options;
  if (operands.length === 0) throw missingOperand(context);
  if (operands.length > 3) throw new CommandError(`extra operand ${quoted(operands[3] as string)}`);
  const [from, step, to] = (
    operands.length === 1
      ? ["1", "1", ...operands]
      : operands.length === 2
        ? [operands[0], "1", operands[1]]
        : operands
  ) as [string, string, string];
  const numbers = [from, step, to].map(numberOf) as [number, number, number];
  if (numbers[1] === 0) throw new CommandError(`invalid Zero increment value: ${quoted(step)}`);
  const digits = Math.max(...[from, step].map((text) => text.split(".")[1]?.length ?? 0));
  const separator = options.value("s") ?? "\n";
  const wide = options.has("w") ? Math.max(...numbers.map((one) => one.toFixed(digits).length)) : 0;
  const format = (value: number) => {
    const text = value.toFixed(digits);
    return text.startsWith("-") ? `-${text.slice(1).padStart(wide - 1, "0")}` : text.padStart(wide, "0");
  };
  const count = Math.floor((numbers[2] - numbers[0]) / numbers[1] + 1e-9) + 1;
  for (let at = 0; at < count; at += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - at);
    const texts = Array.from({ length }, (_, index) => {
      const text = format(numbers[0] + (at + index) * numbers[1]);
      return options.value("f")?.replace(/%[-+0 #\d.]*[efg]/, text) ?? text;
    });
    await context.stdout(texts.join(separator) + (at + length < count ? separator : "\n"));
  }
  return 0;
};

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isNaN(number) || text.trim() === "")
    throw new CommandError(
      `invalid floating point argument: ${quoted(text)}\nTry 'seq --help' for more information.`,
    );
  return number;
}
