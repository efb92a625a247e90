import type { Command } from "../command.js";
import { evaluateTest } from "./evaluate.js";
import { TestError } from "./primaries.js";

/** What `test` answers for an expression that it can't evaluate. */
const TROUBLE = 2;

export const test: Command = (context) => evaluated(context, context.args);

/** `[`, whose last argument is `]`. */
export const bracket: Command = (context) => {
  const { args } = context;
  if (args.at(-1) !== "]") return context.fail("missing `]'", TROUBLE);
  return evaluated(context, args.slice(0, -1));
};

function evaluated(context: Parameters<Command>[0], args: readonly string[]): number | Promise<number> {
  try {
    return evaluateTest(context, args) ? 0 : 1;
  } catch (error) {
    if (error instanceof TestError) return context.fail(error.message, TROUBLE);
    throw error;
  }
}
