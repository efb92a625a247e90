import { readFileSync } from "node:fs";
import { parse } from "unbash";
import { errorText } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { setByLetter, setByName } from "./builtins/options.js";
import { ShellError } from "./errors.js";
import { runScript } from "./exec/script.js";
import { runSubshell } from "./exec/subshell.js";
import { interact } from "./interact.js";
import { Shell } from "./shell.js";

const USAGE = 2;
const NOT_FOUND = 127;

interface Invocation {
  command: string | null;
  file: string | null;
  stdin: boolean;
  interactive: boolean;
  rest: string[];
}

/** `sh [-options] [-c command [name] | file] [argument…]`; resolves with the shell's status. */
export async function sh(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const shell = new Shell();
  shell.name = name;
  for (const number of [0, 1, 2]) shell.place(number, new FileDescriptor(number, true));
  adopt(shell, env);
  return runSubshell(shell, async () => {
    const { command, file, stdin, interactive, rest } = invocation(shell, args);
    if (command !== null) {
      const [zero = name, ...positional] = rest;
      shell.name = zero;
      shell.positional = positional;
      return run(shell, command);
    }
    shell.positional = rest;
    if (file !== null && !stdin) {
      shell.name = file;
      return run(shell, read(file));
    }
    shell.interactive = interactive || shell.descriptor(0).terminal;
    return interact(shell);
  });
}

function run(shell: Shell, source: string): Promise<number> {
  shell.source = source;
  return runScript(shell, parse(source));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ShellError(`${file}: ${errorText((error as NodeJS.ErrnoException).errno, file)}`, NOT_FOUND);
  }
}

/** The environment's variables are the shell's, and are passed on. */
function adopt(shell: Shell, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !/^[A-Za-z_]\w*$/.test(name)) continue;
    shell.variables.set(name, value).exported = true;
  }
  shell.variables.set("PWD", shell.cwd).exported = true;
  shell.variables.set("IFS", " \t\n");
  shell.variables.set("OPTIND", "1");
  const level = Number(shell.variables.get("SHLVL") ?? 0) + 1;
  shell.variables.set("SHLVL", String(level)).exported = true;
}

function invocation(shell: Shell, args: readonly string[]): Invocation {
  const found: Invocation = { command: null, file: null, stdin: false, interactive: false, rest: [] };
  let commanded = false;
  let at = 0;
  for (; /^[-+]./.test(args[at] ?? ""); at++) {
    const arg = args[at] as string;
    if (arg === "--") {
      at++;
      break;
    }
    if (arg.startsWith("--")) continue;
    for (const letter of arg.slice(1)) {
      if (letter === "c") commanded = true;
      else if (letter === "s") found.stdin = true;
      else if (letter === "i") found.interactive = true;
      else if (letter === "l") continue;
      else if (letter === "o") setByName(shell, args[++at] ?? "", arg.startsWith("-"));
      else setByLetter(shell, letter, arg.startsWith("-"));
    }
  }
  const rest = args.slice(at);
  if (commanded) {
    const [command, ...more] = rest;
    if (command === undefined) throw new ShellError("-c: option requires an argument", USAGE);
    return { ...found, command, rest: more };
  }
  if (found.stdin || rest[0] === undefined) return { ...found, rest };
  return { ...found, file: rest[0], rest: rest.slice(1) };
}
