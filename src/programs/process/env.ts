import type { Command } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { parseOptions } from "../options.js";

export const env: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "0C:iS:u:v",
    names: {
      null: "0",
      chdir: "C:",
      "ignore-environment": "i",
      "split-string": "S:",
      unset: "u:",
      debug: "v",
    },
    inOrder: true,
    status: 125,
  });
  let { operands } = options;
  const split = options.value("S");
  if (split !== undefined) operands = [...split.trim().split(/\s+/), ...operands];
  const variables: Record<string, string> = { __proto__: null } as never;
  if (operands[0] === "-") operands = operands.slice(1);
  else if (!options.has("i")) Object.assign(variables, context.env);
  for (const name of options.values("u")) delete variables[name];
  let at = 0;
  for (; /^[^=]+=/.test(operands[at] ?? ""); at++) {
    const assignment = operands[at] as string;
    const equals = assignment.indexOf("=");
    variables[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  const [command, ...args] = operands.slice(at);
  const directory = options.value("C");
  if (command === undefined) {
    if (directory !== undefined)
      throw new CommandError(
        `must specify command with --chdir (-C)\nTry 'env --help' for more information.`,
        125,
      );
    const end = options.has("0") ? "\0" : "\n";
    await context.stdout(
      Object.entries(variables)
        .map(([name, value]) => `${name}=${value}${end}`)
        .join(""),
    );
    return 0;
  }
  const cwd = directory === undefined ? context.cwd : context.path(directory);
  return context.run(command, args, {
    env: variables,
    cwd,
    missing: () => context.fail(`${quoted(command)}: No such file or directory`, 127),
  });
};

export const printenv: Command = async (context) => {
  const options = parseOptions(context, { letters: "0", names: { null: "0" }, status: 2 });
  const end = options.has("0") ? "\0" : "\n";
  if (options.operands.length === 0) {
    for (const [name, value] of Object.entries(context.env)) await context.stdout(`${name}=${value}${end}`);
    return 0;
  }
  let status = 0;
  for (const name of options.operands)
    if (Object.hasOwn(context.env, name)) await context.stdout(`${context.env[name]}${end}`);
    else status = 1;
  return status;
};
