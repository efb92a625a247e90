import { existsSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { Command } from "../command.js";
import { quotedIfOdd, reason } from "../errors.js";
import { extraOperand, missingOperand, parseOptions } from "../options.js";

export const basename: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "as:z",
    names: { multiple: "a", suffix: "s:", zero: "z" },
    inOrder: true,
  });
  const { operands } = options;
  if (operands.length === 0) throw missingOperand(context);
  const several = options.has("a") || options.has("s");
  if (!several && operands.length > 2) throw extraOperand(context, operands[2] as string);
  const suffix = options.value("s") ?? (several ? "" : (operands[1] ?? ""));
  const end = options.has("z") ? "\0" : "\n";
  for (const name of several ? operands : operands.slice(0, 1)) {
    const base = /^\/+$/.test(name) ? "/" : posix.basename(name);
    await context.stdout(
      (base !== suffix && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base) + end,
    );
  }
  return 0;
};

export const dirname: Command = async (context) => {
  const options = parseOptions(context, { letters: "z", names: { zero: "z" } });
  if (options.operands.length === 0) throw missingOperand(context);
  const end = options.has("z") ? "\0" : "\n";
  for (const name of options.operands) await context.stdout(posix.dirname(name) + end);
  return 0;
};

export const realpath: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "eEmLPqsz",
    names: {
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      "no-symlinks": "s",
      strip: "s",
      quiet: "q",
      zero: "z",
      "relative-to": "to:",
      "relative-base": "base:",
    },
  });
  if (options.operands.length === 0) throw missingOperand(context);
  const must = options.last("e", "m", "E");
  const end = options.has("z") ? "\0" : "\n";
  const to = options.value("to");
  let status = 0;
  for (const name of options.operands)
    try {
      const path = context.path(name);
      const real = options.has("s")
        ? path
        : canonical(path, must === "e" ? 0 : must === "m" ? Number.POSITIVE_INFINITY : 1);
      const shown = to === undefined ? real : posix.relative(canonical(context.path(to), 1), real) || ".";
      await context.stdout(shown + end);
    } catch (error) {
      const why = reason(error);
      status = 1;
      if (!options.has("q")) await context.fail(`${quotedIfOdd(name)}: ${why}`);
    }
  return status;
};

/** The real path; so many of its last parts may be missing. */
function canonical(path: string, missing: number): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const parent = posix.dirname(path);
    if (missing === 0 || (error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    const real = canonical(parent, missing - 1);
    if (!statSync(real, { throwIfNoEntry: false })?.isDirectory() && existsSync(real)) throw error;
    return posix.join(real, posix.basename(path));
  }
}

export const readlink: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "efmnqsvz",
    names: {
      canonicalize: "f",
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      "no-newline": "n",
      verbose: "v",
      zero: "z",
    },
  });
  const { operands } = options;
  if (operands.length === 0) throw missingOperand(context);
  const how = options.last("e", "f", "m");
  const end = options.has("n") && operands.length === 1 ? "" : options.has("z") ? "\0" : "\n";
  const missing = { e: 0, f: 1, m: Number.POSITIVE_INFINITY }[how ?? "e"] as number;
  let status = 0;
  for (const name of operands)
    try {
      const path = context.path(name);
      await context.stdout((how === undefined ? readlinkSync(path) : canonical(path, missing)) + end);
    } catch (error) {
      const why = reason(error);
      status = 1;
      if (options.has("v")) await context.fail(`${quotedIfOdd(name)}: ${why}`);
    }
  return status;
};
