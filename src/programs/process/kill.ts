import { constants } from "node:os";
import type { Command } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";

const { signals } = constants;

export const kill: Command = async (context) => {
  const [first = "", second = ""] = context.args;
  if (first === "-l" || first === "-L" || first === "--list") return list(context, context.args.slice(1));
  let targets = context.args;
  let signal: number = signals.SIGTERM;
  if (first === "-s" || first === "-n" || first === "--signal") {
    signal = known(second);
    targets = targets.slice(2);
  } else if (/^-./.test(first) && first !== "--") {
    signal = known(first.slice(1));
    targets = targets.slice(1);
  }
  if (targets[0] === "--") targets = targets.slice(1);
  if (targets.length === 0)
    throw new CommandError("no process ID specified\nTry 'kill --help' for more information.");
  let status = 0;
  for (const target of targets)
    if (!/^-?\d+$/.test(target)) status = await context.fail(`${quoted(target)}: invalid process id`);
    else
      try {
        process.kill(Number(target), signal);
      } catch (error) {
        status = await context.fail(`(${target}): ${reason(error)}`);
      }
  return status;
};

function known(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = /^\d+$/.test(text) ? Number(text) : signals[`SIG${name}` as NodeJS.Signals];
  if (number === undefined || number > 64)
    throw new CommandError(`${quoted(text)}: invalid signal\nTry 'kill --help' for more information.`);
  return number;
}

async function list(context: Parameters<Command>[0], names: readonly string[]): Promise<number> {
  const all = Object.entries(signals).filter(([name]) => !["SIGIOT", "SIGPOLL", "SIGUNUSED"].includes(name));
  for (const name of names) {
    const number = known(name) & 127;
    const found = all.find(([, value]) => value === number)?.[0].slice(3);
    await context.stdout(`${/^\d+$/.test(name) ? (found ?? name) : number}\n`);
  }
  if (names.length === 0) await context.stdout(`${all.map(([name]) => name.slice(3)).join("\n")}\n`);
  return 0;
}
