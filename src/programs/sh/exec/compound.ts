import type { ArithmeticFor, Case, CompoundList, For, If, While, Word } from "unbash";
import { Break } from "../errors.js";
import { evaluate } from "../expand/arithmetic.js";
import { arithmeticOperands } from "../expand/operands.js";
import { matches } from "../expand/pattern.js";
import { expandPattern, expandWord, expandWords } from "../expand/words.js";
import type { Shell } from "../shell.js";
import { runStatements } from "./script.js";

/** Whether a list succeeds that is only asked: under `set -e` it may fail. */
export async function condition(shell: Shell, list: CompoundList): Promise<boolean> {
  shell.conditions++;
  try {
    return (await runStatements(shell, list.commands)) === 0;
  } finally {
    shell.conditions--;
  }
}

export async function runIf(shell: Shell, node: If): Promise<number> {
  for (const { clause, then } of [node, ...node.elif])
    if (await condition(shell, clause)) return runStatements(shell, then.commands);
  shell.status = 0;
  return node.else === undefined ? 0 : runStatements(shell, node.else.commands);
}

/** Runs the body of a loop once; false when the loop is to end. */
async function turn(shell: Shell, body: CompoundList): Promise<boolean> {
  shell.abort.signal.throwIfAborted();
  shell.loops++;
  try {
    await runStatements(shell, body.commands);
    return true;
  } catch (error) {
    if (!(error instanceof Break)) throw error;
    shell.status = 0;
    if (--error.levels > 0 && shell.loops > 1) throw error;
    return error.kind === "continue";
  } finally {
    shell.loops--;
  }
}

/** Loops in which nothing waits leave no time to signals and to other commands. */
class Breath {
  #turns = 0;

  async take(): Promise<void> {
    if (++this.#turns % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function runFor(shell: Shell, node: For): Promise<number> {
  const words = node.wordlist === undefined ? shell.positional : await expandWords(shell, node.wordlist);
  const breath = new Breath();
  shell.status = 0;
  for (const word of words) {
    shell.assign(node.name.text, word);
    if (!(await turn(shell, node.body))) break;
    await breath.take();
  }
  return shell.status;
}

export async function runArithmeticFor(shell: Shell, node: ArithmeticFor): Promise<number> {
  const operands = arithmeticOperands(shell);
  const breath = new Breath();
  shell.status = 0;
  await evaluate(node.initialize, operands);
  while (node.test === undefined || (await evaluate(node.test, operands)) !== 0n) {
    if (!(await turn(shell, node.body))) break;
    await evaluate(node.update, operands);
    await breath.take();
  }
  return shell.status;
}

export async function runWhile(shell: Shell, node: While): Promise<number> {
  const wanted = node.kind === "while";
  const breath = new Breath();
  let status = 0;
  shell.loops++;
  try {
    while ((await condition(shell, node.clause)) === wanted) {
      shell.loops--;
      const goes = await turn(shell, node.body).finally(() => shell.loops++);
      status = shell.status;
      if (!goes) break;
      await breath.take();
    }
  } catch (error) {
    if (!(error instanceof Break)) throw error;
    // `break` in the condition itself.
    if (--error.levels > 0 && shell.loops > 1) throw error;
  } finally {
    shell.loops--;
  }
  shell.status = status;
  return status;
}

export async function runCase(shell: Shell, node: Case): Promise<number> {
  const text = await expandWord(shell, node.word);
  const options = { extended: shell.options.has("extglob"), caseless: shell.options.has("nocasematch") };
  let through = false;
  shell.status = 0;
  for (const { pattern, body, terminator } of node.items) {
    let fits = through;
    for (let index = 0; !fits && index < pattern.length; index++)
      fits = matches(await expandPattern(shell, pattern[index] as Word), text, options);
    through = false;
    if (!fits) continue;
    await runStatements(shell, body.commands);
    if (terminator === ";&") through = true;
    else if (terminator !== ";;&") break;
  }
  return shell.status;
}
