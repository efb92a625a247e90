import type { Command } from "../command.js";

const AT_ONCE = 8192;

export const yes: Command = async ({ args, stdout }) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  const line = Buffer.from(`${words.length === 0 ? "y" : words.join(" ")}\n`);
  const lines = Buffer.alloc(line.length * Math.max(1, Math.floor(AT_ONCE / line.length)), line);
  for (;;) await stdout(lines);
};
