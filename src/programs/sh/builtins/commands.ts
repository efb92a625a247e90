import { ShellError } from "../errors.js";
import { findProgram } from "../exec/lookup.js";
import { runProgram } from "../exec/program.js";
import type { Shell } from "../shell.js";
import { type Builtin, builtins } from "./index.js";

const keywords = new Set(
  "if then else elif fi for while until do done case esac in function select time { } ! [[ ]]".split(" "),
);

/** What a name means, in the words of `type`; null where it means nothing. */
function meaning(shell: Shell, name: string): { kind: string; text: string; short: string } | null {
  const alias = shell.aliases.get(name);
  if (alias !== undefined)
    return { kind: "alias", text: `${name} is aliased to \`${alias}'`, short: `alias ${name}='${alias}'` };
  if (keywords.has(name)) return { kind: "keyword", text: `${name} is a shell keyword`, short: name };
  if (shell.functions.has(name)) return { kind: "function", text: `${name} is a function`, short: name };
  if (Object.hasOwn(builtins, name))
    return { kind: "builtin", text: `${name} is a shell builtin`, short: name };
  const program = findProgram(shell, name);
  if (program.kind !== "file" && program.kind !== "own") return null;
  return { kind: "file", text: `${name} is ${program.path}`, short: program.path };
}

export const typeBuiltin: Builtin = async (shell, args) => {
  const flags = args.filter((arg) => /^-[tpaPf]+$/.test(arg)).join("");
  let status = 0;
  for (const name of args.filter((arg) => !/^-[tpaPf]+$/.test(arg))) {
    const found = meaning(shell, name);
    if (found === null) {
      status = 1;
      if (flags === "") await shell.complain(`type: ${name}: not found`);
    } else if (flags.includes("t")) await shell.write(1, `${found.kind}\n`);
    else if (/[pP]/.test(flags)) await shell.write(1, found.kind === "file" ? `${found.short}\n` : "");
    else await shell.write(1, `${found.text}\n`);
  }
  return status;
};

/** `command name`: without functions; `-v` and `-V` tell what would run. */
export const commandBuiltin: Builtin = async (shell, args) => {
  const [first, ...rest] = args[0] === "-p" || args[0] === "--" ? args.slice(1) : args;
  if (first === undefined) return 0;
  if (first !== "-v" && first !== "-V") {
    const builtin = Object.hasOwn(builtins, first) ? builtins[first] : undefined;
    return builtin === undefined ? runProgram(shell, first, rest) : builtin(shell, rest);
  }
  let status = 0;
  for (const name of rest) {
    const found = meaning(shell, name);
    if (found !== null) await shell.write(1, `${first === "-v" ? found.short : found.text}\n`);
    else {
      status = 1;
      if (first === "-V") await shell.complain(`command: ${name}: not found`);
    }
  }
  return status;
};

/** Programs are found anew each time, so there is nothing to remember. */
export const hashBuiltin: Builtin = async (shell, args) => {
  for (const name of args.filter((arg) => !arg.startsWith("-"))) {
    const { kind } = findProgram(shell, name);
    if (kind === "missing") throw new ShellError(`hash: ${name}: not found`);
  }
  return 0;
};

export const aliasBuiltin: Builtin = async (shell, args) => {
  const names = args.length > 0 ? args : [...shell.aliases.keys()].sort();
  for (const arg of names) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined) shell.aliases.set(name, text as string);
    else if (!shell.aliases.has(arg)) throw new ShellError(`alias: ${arg}: not found`);
    else await shell.write(1, `alias ${arg}='${shell.aliases.get(arg)}'\n`);
  }
  return 0;
};

export const unaliasBuiltin: Builtin = (shell, args) => {
  if (args[0] === "-a") shell.aliases.clear();
  else
    for (const name of args)
      if (!shell.aliases.delete(name)) throw new ShellError(`unalias: ${name}: not found`);
  return 0;
};
