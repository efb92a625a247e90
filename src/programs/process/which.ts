import { accessSync, constants, statSync } from "node:fs";
import type { Command } from "../command.js";
import { parseOptions } from "../options.js";

export const which: Command = async (context) => {
  const options = parseOptions(context, { letters: "as", names: { all: "a" }, status: 2 });
  let status = options.operands.length === 0 ? 1 : 0;
  for (const name of options.operands) {
    const directories = name.includes("/")
      ? [""]
      : (context.env["PATH"] ?? "").split(":").map((one) => `${one || "."}/`);
    const found = directories
      .map((directory) => directory + name)
      .filter((path) => executable(context.path(path)));
    if (found.length === 0) status = 1;
    if (!options.has("s"))
      for (const path of options.has("a") ? found : found.slice(0, 1)) await context.stdout(`${path}\n`);
  }
  return status;
};

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
