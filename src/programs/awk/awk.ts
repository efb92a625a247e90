import { readFileSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { type Options, parseOptions } from "../options.js";
import { type Compiled, compileProgram } from "./compile.js";
import { Globals } from "./globals.js";
import { resolveEscapes } from "./lexer.js";
import { Leave, Machine } from "./machine.js";
import { parseProgram } from "./parser.js";
import { fromOutside } from "./values.js";

const TROUBLE = 2;

export const awk: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "F:f:v:",
    names: { assign: "v:", "field-separator": "F:", file: "f:" },
    inOrder: true,
    status: TROUBLE,
  });
  const operands = [...options.operands];
  const source = options.has("f") ? sourceOf(context, options) : operands.shift();
  if (source === undefined)
    throw new CommandError("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]", TROUBLE);
  const globals = new Globals();
  prepare(context, options, globals);
  const machine = new Machine(context, globals, operands);
  const program = compileProgram(parseProgram(source), globals, machine);
  try {
    await run(program, machine);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError("function calls are nested too deep", TROUBLE);
    throw error;
  } finally {
    await machine.streams.closeAll();
  }
  return machine.status || machine.input.status;
};

function sourceOf(context: CommandContext, options: Options): string {
  return options
    .values("f")
    .map((name) => {
      try {
        return readFileSync(name === "-" ? 0 : context.path(name), "utf8");
      } catch (error) {
        throw new CommandError(`cannot open ${name} (${reason(error)})`, TROUBLE);
      }
    })
    .join("\n");
}

/** Sets what the command line and the environment say. */
function prepare(context: CommandContext, options: Options, globals: Globals): void {
  const environment = globals.array("ENVIRON");
  for (const [name, value] of Object.entries(context.env)) environment.set(name, fromOutside(value));
  for (const { name, value = "" } of options.given) {
    if (name === "F") globals.values["FS"] = value === "t" ? "\t" : resolveEscapes(value);
    if (name !== "v") continue;
    const [, variable, text = ""] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(value) ?? [];
    if (variable === undefined) throw new CommandError(`improper assignment: -v ${value}`, TROUBLE);
    globals.values[variable] = fromOutside(resolveEscapes(text));
  }
}

async function run(program: Compiled, machine: Machine): Promise<void> {
  // `exit` goes on to the last rules, and ends within them.
  const left = await leaves(program.begin);
  while (!left && program.reads && (await machine.nextRecord()))
    try {
      await program.main();
      if (machine.full) await machine.flush();
    } catch (error) {
      if (!(error instanceof Leave)) throw error;
      if (error.to === "exit") break;
      if (error.to === "nextfile") machine.input.skipFile();
    }
  await leaves(program.end);
}

/** Whether it was left by `exit`. */
async function leaves(body: () => Promise<void>): Promise<boolean> {
  try {
    await body();
    return false;
  } catch (error) {
    if (error instanceof Leave && error.to === "exit") return true;
    throw error;
  }
}
