import { ShellError } from "../errors.js";
import { quoteForShell } from "../expand/transform.js";
import { type Shell, signalName, signalNumber } from "../shell.js";
import type { Builtin } from "./index.js";

/** What has an action without being a signal. */
const events = new Set(["EXIT", "ERR", "DEBUG", "RETURN"]);

/** The name that an action goes by. */
function trapName(text: string): string {
  const upper = text.toUpperCase();
  if (events.has(upper)) return upper;
  if (text === "0") return "EXIT";
  const number = signalNumber(text);
  const name = number === undefined ? undefined : signalName(number);
  if (name === undefined) throw new ShellError(`trap: ${text}: invalid signal specification`);
  return name;
}

export const trap: Builtin = async (shell, args) => {
  const rest = args[0] === "--" ? args.slice(1) : args;
  if (rest.length === 0 || rest[0] === "-p") return list(shell);
  const [action, ...names] = rest as [string, ...string[]];
  // Without an action, or with `-`, what it was before comes back.
  const reset = action === "-" || (names.length === 0 && signalNumber(action) !== undefined);
  for (const name of (names.length === 0 ? [action] : names).map(trapName)) {
    if (reset) shell.traps.delete(name);
    else shell.traps.set(name, action);
    shell.listen(name);
  }
  return 0;
};

async function list(shell: Shell): Promise<number> {
  for (const [name, action] of shell.traps)
    await shell.write(1, `trap -- ${quoteForShell(action)} ${events.has(name) ? name : `SIG${name}`}\n`);
  return 0;
}

export const umask: Builtin = async (shell, args) => {
  const [mask] = args.filter((arg) => !arg.startsWith("-"));
  if (mask === undefined) {
    await shell.write(1, `${process.umask().toString(8).padStart(4, "0")}\n`);
    return 0;
  }
  if (!/^[0-7]{1,4}$/.test(mask)) throw new ShellError(`umask: ${mask}: invalid octal number`);
  process.umask(Number.parseInt(mask, 8));
  return 0;
};

/** What limits there are is the machine's to say. */
export const ulimit: Builtin = async (shell, args) => {
  if (args.filter((arg) => !arg.startsWith("-")).length === 0) await shell.write(1, "unlimited\n");
  return 0;
};

export const times: Builtin = async (shell) => {
  const clock = (microseconds: number) => {
    const seconds = microseconds / 1_000_000;
    return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`;
  };
  const { user, system } = process.cpuUsage();
  await shell.write(1, `${clock(user)} ${clock(system)}\n${clock(0)} ${clock(0)}\n`);
  return 0;
};
