import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorText } from "../../errors.js";
import { ShellError } from "../errors.js";
import type { Shell } from "../shell.js";
import { elements } from "../variables.js";
import type { Builtin } from "./index.js";

/** Goes to a directory. A subshell has a directory of its own, so the process doesn't move. */
function enter(shell: Shell, name: string, physical = false): void {
  const path = resolve(shell.cwd, name);
  try {
    if (!statSync(path).isDirectory()) throw new ShellError(`cd: ${name}: Not a directory`);
    accessSync(path, constants.X_OK);
  } catch (error) {
    if (error instanceof ShellError) throw error;
    throw new ShellError(`cd: ${name}: ${errorText((error as NodeJS.ErrnoException).errno, name)}`);
  }
  shell.assign("OLDPWD", shell.cwd);
  shell.cwd = physical ? realpathSync(path) : path;
  shell.assign("PWD", shell.cwd);
}

export const cd: Builtin = async (shell, args) => {
  const physical = args.includes("-P");
  const [name = shell.variables.get("HOME")] = args.filter((arg) => !/^-[LPe@]$|^--$/.test(arg));
  if (name === undefined) throw new ShellError("cd: HOME not set");
  if (name === "-") {
    const old = shell.variables.get("OLDPWD");
    if (old === undefined) throw new ShellError("cd: OLDPWD not set");
    enter(shell, old, physical);
    await shell.write(1, `${shell.cwd}\n`);
    return 0;
  }
  const viaPath = throughCdPath(shell, name);
  enter(shell, viaPath ?? name, physical);
  if (viaPath !== undefined) await shell.write(1, `${shell.cwd}\n`);
  return 0;
};

/** Where CDPATH has a directory of that name. */
function throughCdPath(shell: Shell, name: string): string | undefined {
  if (/^\.{0,2}\//.test(name) || name === "." || name === "..") return undefined;
  const path =
    shell.variables
      .get("CDPATH")
      ?.split(":")
      .filter((entry) => entry !== "") ?? [];
  return path
    .map((entry) => join(resolve(shell.cwd, entry), name))
    .find((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory());
}

export const pwd: Builtin = async (shell, args) => {
  await shell.write(1, `${args.includes("-P") ? realpathSync(shell.cwd) : shell.cwd}\n`);
  return 0;
};

function stack(shell: Shell): string[] {
  return elements(shell.variables.find("DIRSTACK")?.value);
}

async function show(shell: Shell): Promise<number> {
  const home = shell.variables.get("HOME");
  const names = [shell.cwd, ...stack(shell)].map((name) =>
    home !== undefined && (name === home || name.startsWith(`${home}/`))
      ? `~${name.slice(home.length)}`
      : name,
  );
  await shell.write(1, `${names.join(" ")}\n`);
  return 0;
}

export const dirs: Builtin = (shell) => show(shell);

export const pushd: Builtin = (shell, [name]) => {
  const [top, ...rest] = stack(shell);
  const target = name ?? top;
  if (target === undefined) throw new ShellError("pushd: no other directory");
  const from = shell.cwd;
  enter(shell, target);
  shell.variables.declare("DIRSTACK").value = name === undefined ? [from, ...rest] : [from, ...stack(shell)];
  return show(shell);
};

export const popd: Builtin = (shell) => {
  const [top, ...rest] = stack(shell);
  if (top === undefined) throw new ShellError("popd: directory stack empty");
  enter(shell, top);
  shell.variables.declare("DIRSTACK").value = rest;
  return show(shell);
};
