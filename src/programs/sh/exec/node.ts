import type { AndOr, CompoundList, PipelineNode } from "unbash";
import { ShellError } from "../errors.js";
import { evaluate } from "../expand/arithmetic.js";
import { arithmeticOperands } from "../expand/operands.js";
import type { Shell } from "../shell.js";
import { runCommand } from "./command.js";
import { runArithmeticFor, runCase, runFor, runIf, runWhile } from "./compound.js";
import { runAndOr, runPipeline } from "./pipeline.js";
import { withRedirects } from "./redirects.js";
import { exitOnError, runStatements } from "./script.js";
import { runSubshell } from "./subshell.js";
import { testExpression } from "./test-expression.js";

/** What can be run. */
export type RunnableNode = PipelineNode | AndOr | CompoundList;

/** Runs one command of any kind and answers its status. */
export async function runNode(shell: Shell, node: RunnableNode): Promise<number> {
  switch (node.type) {
    case "Command":
      shell.status = await runCommand(shell, node);
      exitOnError(shell);
      return shell.status;
    case "Pipeline":
      return runPipeline(shell, node);
    case "AndOr":
      return runAndOr(shell, node);
    case "If":
      return runIf(shell, node);
    case "For":
      return runFor(shell, node);
    case "ArithmeticFor":
      return runArithmeticFor(shell, node);
    case "While":
      return runWhile(shell, node);
    case "Case":
      return runCase(shell, node);
    case "Function":
      shell.functions.set(node.name.text, node);
      return 0;
    case "Subshell": {
      const subshell = shell.fork();
      shell.status = await runSubshell(subshell, () => runStatements(subshell, node.body.commands));
      exitOnError(shell);
      return shell.status;
    }
    case "BraceGroup":
      return runStatements(shell, node.body.commands);
    case "CompoundList":
      return runStatements(shell, node.commands);
    case "Redirected":
      return withRedirects(shell, node.redirects, () => runNode(shell, node.command));
    case "TestCommand":
      shell.status = (await testExpression(shell, node.expression)) ? 0 : 1;
      exitOnError(shell);
      return shell.status;
    case "ArithmeticCommand":
      shell.status = (await evaluate(node.expression, arithmeticOperands(shell))) === 0n ? 1 : 0;
      exitOnError(shell);
      return shell.status;
    case "Select":
    case "Coproc":
      throw new ShellError(`${node.type.toLowerCase()}: not supported by this shell`, 2);
  }
}
