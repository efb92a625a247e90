import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "unbash";
import { errorText } from "../../errors.js";
import { Break, Exit, Return, ShellError } from "../errors.js";
import { replaceShell } from "../exec/command.js";
import { findProgram } from "../exec/lookup.js";
import { runScript } from "../exec/script.js";
import type { Shell } from "../shell.js";
import type { Builtin } from "./index.js";

export const nothing: Builtin = () => 0;

function statusOf(shell: Shell, name: string, text: string | undefined): number {
  if (text === undefined) return shell.status;
  if (!/^-?\d+$/.test(text)) throw new ShellError(`${name}: ${text}: numeric argument required`, 2);
  return Number(text) & 255;
}

export const exit: Builtin = (shell, [status]) => {
  throw new Exit(statusOf(shell, "exit", status));
};

export const returnBuiltin: Builtin = (shell, [status]) => {
  if (shell.calls === 0)
    throw new ShellError("return: can only `return' from a function or sourced script", 2);
  throw new Return(statusOf(shell, "return", status));
};

function leave(kind: "break" | "continue"): Builtin {
  return (shell, [levels = "1"]) => {
    const count = Number(levels);
    if (!Number.isInteger(count) || count < 1)
      throw new ShellError(`${kind}: ${levels}: loop count out of range`);
    if (shell.loops === 0) return 0;
    throw new Break(kind, count);
  };
}

export const breakLoop = leave("break");
export const continueLoop = leave("continue");

export const shift: Builtin = (shell, [count = "1"]) => {
  const by = Number(count);
  if (!Number.isInteger(by) || by < 0) throw new ShellError(`shift: ${count}: numeric argument required`);
  if (by > shell.positional.length) return 1;
  shell.positional = shell.positional.slice(by);
  return 0;
};

export const evalBuiltin: Builtin = (shell, args) => {
  if (args.length === 0) return 0;
  return shell.evaluate(args.join(" "));
};

export const exec: Builtin = (shell, args) => {
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  return name === undefined ? 0 : replaceShell(shell, name, rest);
};

export const source: Builtin = async (shell, [name, ...args]) => {
  if (name === undefined) throw new ShellError("source: filename argument required", 2);
  const found = name.includes("/") ? null : findProgram(shell, name);
  const path = found?.kind === "file" ? found.path : resolve(shell.cwd, name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ShellError(`${name}: ${errorText((error as NodeJS.ErrnoException).errno, name)}`);
  }
  const { positional, source: before } = shell;
  if (args.length > 0) shell.positional = args;
  shell.source = text;
  shell.calls++;
  try {
    return await runScript(shell, parse(text));
  } catch (error) {
    if (!(error instanceof Return)) throw error;
    return error.status;
  } finally {
    shell.calls--;
    shell.source = before;
    if (args.length > 0) shell.positional = positional;
  }
};
