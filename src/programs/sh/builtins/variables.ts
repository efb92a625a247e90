import { parse } from "unbash";
import { ShellError } from "../errors.js";
import { assign } from "../exec/assign.js";
import { evaluateText } from "../expand/arithmetic.js";
import { arithmeticOperands } from "../expand/operands.js";
import { quoteForShell } from "../expand/transform.js";
import type { Shell } from "../shell.js";
import { elements, isName, keys, type Variable } from "../variables.js";
import type { Builtin } from "./index.js";

type Change = (variable: Variable) => void;

/** Splits `name=value`; an array's value keeps its parentheses. */
function split(arg: string): { name: string; assigned: string | undefined } {
  const [, name = arg, assigned] = /^([A-Za-z_]\w*)(\+?=.*)$/s.exec(arg) ?? [];
  if (!isName(name)) throw new ShellError(`\`${arg}': not a valid identifier`);
  return { name, assigned };
}

/** Assigns what has been expanded already: quoted, so that it isn't expanded once more. */
async function give(shell: Shell, name: string, assigned: string): Promise<void> {
  const operator = assigned.startsWith("+") ? "+=" : "=";
  const value = assigned.slice(operator.length);
  const text = /^\(.*\)$/s.test(value) ? value : quoteForShell(value);
  const command = parse(`${name}${operator}${text}`).commands[0]?.command;
  const [assignment] = command?.type === "Command" ? command.prefix : [];
  if (assignment?.type === "Assignment") await assign(shell, assignment);
}

async function change(shell: Shell, args: string[], local: boolean, apply: Change): Promise<number> {
  for (const arg of args) {
    const { name, assigned } = split(arg);
    const variable = shell.variables.declare(name, local);
    const { readonly } = variable;
    apply(variable);
    const frozen = variable.readonly;
    variable.readonly = readonly;
    if (assigned !== undefined) await give(shell, name, assigned);
    variable.readonly = frozen;
  }
  return 0;
}

function flagsOf(args: string[]): { flags: string; rest: string[] } {
  let flags = "";
  let at = 0;
  for (; /^[-+]\w/.test(args[at] ?? ""); at++) flags += args[at];
  if (args[at] === "--") at++;
  return { flags, rest: args.slice(at) };
}

async function list(shell: Shell, prefix: string, wanted: (variable: Variable) => boolean): Promise<number> {
  for (const name of shell.variables.names()) {
    const variable = shell.variables.find(name);
    if (variable === undefined || !wanted(variable)) continue;
    await shell.write(1, `${prefix}${name}${shown(variable)}\n`);
  }
  return 0;
}

function shown({ value }: Variable): string {
  if (value === undefined) return "";
  if (typeof value === "string") return `="${value.replace(/[$`"\\]/g, "\\$&")}"`;
  const names = keys(value);
  return `=(${elements(value)
    .map((element, index) => `[${names[index]}]="${element.replace(/[$`"\\]/g, "\\$&")}"`)
    .join(" ")})`;
}

export const exportBuiltin: Builtin = (shell, args) => {
  const { flags, rest } = flagsOf(args);
  if (rest.length === 0) return list(shell, "declare -x ", ({ exported }) => exported);
  return change(shell, rest, false, (variable) => {
    variable.exported = !flags.includes("n");
  });
};

export const readonlyBuiltin: Builtin = (shell, args) => {
  const { rest } = flagsOf(args);
  if (rest.length === 0) return list(shell, "declare -r ", ({ readonly }) => readonly);
  return change(shell, rest, false, (variable) => {
    variable.readonly = true;
  });
};

export const local: Builtin = (shell, args) => {
  if (!shell.variables.inFunction) throw new ShellError("local: can only be used in a function");
  return declare(shell, args);
};

export const declare: Builtin = async (shell, args) => {
  const { flags, rest } = flagsOf(args);
  if (rest.length === 0 || flags.includes("p")) {
    const names = new Set(rest);
    for (const name of rest)
      if (shell.variables.find(name) === undefined) throw new ShellError(`declare: ${name}: not found`);
    return list(
      shell,
      "declare -- ",
      (variable) => names.size === 0 || [...names].some((name) => shell.variables.find(name) === variable),
    );
  }
  const inside = shell.variables.inFunction && !flags.includes("g");
  return change(shell, rest, inside, (variable) => {
    if (flags.includes("x")) variable.exported = true;
    if (flags.includes("r")) variable.readonly = true;
    if (flags.includes("i")) variable.integer = true;
    if (flags.includes("a") && !Array.isArray(variable.value)) variable.value = elements(variable.value);
    if (flags.includes("A") && !(variable.value instanceof Map)) variable.value = new Map();
  });
};

export const unset: Builtin = (shell, args) => {
  const { flags, rest } = flagsOf(args);
  for (const name of rest) {
    const [, base = name, index] = /^([A-Za-z_]\w*)\[(.+)\]$/s.exec(name) ?? [];
    const { value } = shell.variables.find(base) ?? {};
    if (index !== undefined) {
      if (value instanceof Map) value.delete(index);
      else if (Array.isArray(value)) Reflect.deleteProperty(value, index);
    } else if (
      flags.includes("f") ||
      (value === undefined && shell.functions.has(name) && !flags.includes("v"))
    )
      shell.functions.delete(name);
    else shell.variables.unset(name);
  }
  return 0;
};

export const letBuiltin: Builtin = async (shell, args) => {
  if (args.length === 0) throw new ShellError("let: expression expected");
  let value = 0n;
  for (const arg of args) value = await evaluateText(arg, arithmeticOperands(shell));
  return value === 0n ? 1 : 0;
};
