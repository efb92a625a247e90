import type { Assignment, CommandArgument, Command as CommandNode } from "unbash";
import { builtins, specialBuiltins } from "../builtins/index.js";
import { Exit, Return, ShellError } from "../errors.js";
import { expandWord, expandWords } from "../expand/words.js";
import type { Shell } from "../shell.js";
import type { Variable } from "../variables.js";
import { assign } from "./assign.js";
import { runNode } from "./node.js";
import { runProgram } from "./program.js";
import { redirect, withRedirects } from "./redirects.js";

/** How deep functions may call each other. */
const MAX_CALLS = 1000;

/** A simple command: assignments, words and redirections. */
export async function runCommand(shell: Shell, node: CommandNode): Promise<number> {
  shell.position = node.pos;
  const { captures } = shell;
  const assignments = node.prefix.filter((part) => part.type === "Assignment");
  const words = node.name === undefined ? [] : await expandArguments(shell, [node.name, ...node.args]);
  const [name, ...args] = aliased(shell, node, words);
  if (name === undefined) {
    await trace(
      shell,
      assignments.map(({ text }) => text),
    );
    await withRedirects(shell, node.redirects, () => assignAll(shell, assignments));
    // Only a command substitution in it gives a status of its own.
    return shell.captures === captures ? 0 : shell.status;
  }
  await trace(shell, [...assignments.map(({ text }) => text), name, ...args]);
  const lasting = name === "exec" || specialBuiltins.has(name);
  if (name === "exec" && args.length === 0) {
    await redirect(shell, node.redirects);
    await assignAll(shell, assignments);
    return 0;
  }
  return withRedirects(shell, node.redirects, () =>
    withAssignments(shell, assignments, lasting && !shell.functions.has(name), () => call(shell, name, args)),
  );
}

/** Arguments that look like assignments, of `export` and the like, are neither split nor matched. */
async function expandArguments(shell: Shell, args: readonly CommandArgument[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const arg of args) {
    if (arg.type === "Word") for (const text of await expandWords(shell, [arg])) expanded.push(text);
    else if (arg.value.type === "ArrayValue") expanded.push(arg.text);
    else {
      const operator = arg.text.slice(0, arg.value.pos - arg.pos);
      expanded.push(operator + (await expandWord(shell, arg.value, true)));
    }
  }
  return expanded;
}

/** Calls a function, a builtin or a program. */
export async function call(shell: Shell, name: string, args: string[]): Promise<number> {
  const definition = shell.functions.get(name);
  if (definition !== undefined && !specialBuiltins.has(name)) return callFunction(shell, name, args);
  const builtin = builtins[name];
  if (builtin !== undefined && Object.hasOwn(builtins, name)) return builtin(shell, args);
  return runProgram(shell, name, args);
}

async function callFunction(shell: Shell, name: string, args: string[]): Promise<number> {
  const definition = shell.functions.get(name);
  if (definition === undefined) return 0;
  if (shell.calls >= MAX_CALLS) throw new ShellError(`${name}: maximum function nesting level exceeded`);
  const { positional, loops } = shell;
  shell.positional = args;
  shell.loops = 0;
  shell.calls++;
  shell.variables.enter();
  try {
    return await runNode(shell, definition.body);
  } catch (error) {
    if (!(error instanceof Return)) throw error;
    return error.status;
  } finally {
    shell.variables.leave();
    shell.calls--;
    shell.loops = loops;
    shell.positional = positional;
  }
}

/** An alias stands for the words at the beginning of a command; only a plain word can be one. */
function aliased(shell: Shell, node: CommandNode, words: string[]): string[] {
  const [name] = words;
  const alias = name === undefined || node.name?.text !== name ? undefined : shell.aliases.get(name);
  return alias === undefined ? words : [...alias.trim().split(/\s+/), ...words.slice(1)];
}

async function assignAll(shell: Shell, assignments: readonly Assignment[]): Promise<void> {
  for (const one of assignments) await assign(shell, one);
}

/** Assignments before a command are its environment alone, but of a special builtin they last. */
async function withAssignments(
  shell: Shell,
  assignments: readonly Assignment[],
  lasting: boolean,
  body: () => Promise<number>,
): Promise<number> {
  if (assignments.length === 0 || lasting) {
    await assignAll(shell, assignments);
    return body();
  }
  const before = new Map<string, Variable | undefined>();
  for (const { name } of assignments) {
    const variable = shell.variables.find(name);
    before.set(name, variable && { ...variable });
  }
  try {
    for (const one of assignments) {
      await assign(shell, one);
      shell.variables.declare(one.name).exported = true;
    }
    return await body();
  } finally {
    for (const [name, variable] of before) {
      if (variable === undefined) shell.variables.unset(name);
      else Object.assign(shell.variables.declare(name), variable);
    }
  }
}

/** `set -x` */
async function trace(shell: Shell, words: readonly string[]): Promise<void> {
  if (!shell.options.has("xtrace") || words.length === 0) return;
  const prefix = shell.variables.get("PS4") ?? "+ ";
  await shell.write(2, `${prefix}${words.map(traced).join(" ")}\n`);
}

function traced(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `exec command`: the command takes the shell's place. */
export async function replaceShell(shell: Shell, name: string, args: string[]): Promise<never> {
  throw new Exit(await runProgram(shell, name, args));
}
