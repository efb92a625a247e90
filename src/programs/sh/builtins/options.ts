import { ShellError } from "../errors.js";
import { quoteForShell } from "../expand/transform.js";
import { type SetOption, type ShoptOption, setOptionOf, setOptions, shoptOptions } from "../options.js";
import type { Shell } from "../shell.js";
import { elements } from "../variables.js";
import type { Builtin } from "./index.js";

/** `set`: options, and the positional parameters. */
export const set: Builtin = async (shell, args) => {
  if (args.length === 0) return listVariables(shell);
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === "--") {
      shell.positional = args.slice(at + 1);
      return 0;
    }
    if (!/^[-+]./.test(arg)) {
      shell.positional = args.slice(at);
      return 0;
    }
    const on = arg.startsWith("-");
    if (arg.slice(1) === "o") {
      const name = args[++at];
      if (name === undefined) return listOptions(shell, on);
      setByName(shell, name, on);
    } else for (const letter of arg.slice(1)) setByLetter(shell, letter, on);
  }
  return 0;
};

export function setByName(shell: Shell, name: string, on: boolean): void {
  if (!Object.hasOwn(setOptions, name)) throw new ShellError(`set: ${name}: invalid option name`, 2);
  shell.options.set(name as SetOption, on);
}

/** Letters that this shell has no need of are accepted where they change nothing that shows. */
export function setByLetter(shell: Shell, letter: string, on: boolean): void {
  const option = setOptionOf(letter);
  if (option !== undefined) shell.options.set(option, on);
  else if (!"bhBEHPTkpt".includes(letter)) throw new ShellError(`set: -${letter}: invalid option`, 2);
}

async function listVariables(shell: Shell): Promise<number> {
  for (const name of shell.variables.names()) {
    const value = shell.variables.find(name)?.value;
    if (typeof value === "string") await shell.write(1, `${name}=${plain(value)}\n`);
    else if (value !== undefined)
      await shell.write(
        1,
        `${name}=(${elements(value)
          .map((element, index) => `[${index}]="${element}"`)
          .join(" ")})\n`,
      );
  }
  return 0;
}

function plain(text: string): string {
  return /^[\w@%+=:,./-]*$/.test(text) ? text : quoteForShell(text);
}

async function listOptions(shell: Shell, readable: boolean): Promise<number> {
  for (const name of Object.keys(setOptions).sort()) {
    const on = shell.options.has(name as SetOption);
    await shell.write(
      1,
      readable ? `${name.padEnd(15)}\t${on ? "on" : "off"}\n` : `set ${on ? "-" : "+"}o ${name}\n`,
    );
  }
  return 0;
}

export const shopt: Builtin = async (shell, args) => {
  const flags = args.filter((arg) => /^-\w/.test(arg)).join("");
  const names = args.filter((arg) => !/^-\w/.test(arg));
  let missing = 0;
  for (const name of names) {
    if (!shoptOptions.includes(name as ShoptOption))
      throw new ShellError(`shopt: ${name}: invalid shell option name`);
    if (flags.includes("s")) shell.options.set(name as ShoptOption, true);
    else if (flags.includes("u")) shell.options.set(name as ShoptOption, false);
    else {
      const on = shell.options.has(name as ShoptOption);
      if (!on) missing = 1;
      if (!flags.includes("q")) await shell.write(1, `${name.padEnd(15)}\t${on ? "on" : "off"}\n`);
    }
  }
  return missing;
};
