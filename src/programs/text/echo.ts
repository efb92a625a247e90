import type { Command } from "../command.js";
import { resolveEscapes } from "./escapes.js";

export const echo: Command = async ({ args, stdout }) => {
  let newline = true;
  let escapes = false;
  let at = 0;
  for (; /^-[neE]+$/.test(args[at] ?? ""); at++) {
    const flags = args[at] as string;
    if (flags.includes("n")) newline = false;
    if (/[eE]/.test(flags)) escapes = flags.lastIndexOf("e") > flags.lastIndexOf("E");
  }
  const text = args.slice(at).join(" ");
  if (!escapes) await stdout(newline ? `${text}\n` : text);
  else {
    const { bytes, stopped } = resolveEscapes(text);
    await stdout(newline && !stopped ? Buffer.concat([bytes, Buffer.from("\n")]) : bytes);
  }
  return 0;
};
