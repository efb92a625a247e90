import { resolve } from "node:path";
import type { Command, CommandContext, RunOptions } from "../../command.js";
import { CommandError, errorText } from "../../errors.js";
import { DescriptorError } from "../../io/descriptor.js";
import { Input } from "../../io/input.js";
import type { Shell } from "../shell.js";
import { findProgram } from "./lookup.js";
import { runProgram } from "./program.js";
import { runSubshell } from "./subshell.js";

/** Runs a command of this package within this process. */
export async function runOwn(
  shell: Shell,
  command: Command,
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<number> {
  shell.onStart?.(null);
  const context = contextOf(shell, name, args, env);
  try {
    const status = await command(context);
    shell.abort.signal.throwIfAborted();
    return status;
  } catch (error) {
    // What it was waiting for may say in its own way that the command was ended.
    shell.abort.signal.throwIfAborted();
    if (error instanceof CommandError) return context.fail(error.message, error.status);
    const { code, errno, path } = error as NodeJS.ErrnoException;
    // A broken pipe ends the command as the signal would; the subshell around it knows the status.
    if (code === "EPIPE" || error instanceof DescriptorError || errno === undefined) throw error;
    return context.fail(`${path === undefined ? "" : `${path}: `}${errorText(errno, String(code))}`);
  }
}

function contextOf(shell: Shell, name: string, args: string[], env: Record<string, string>): CommandContext {
  const { signal } = shell.abort;
  const write = (number: number) => async (data: string | Uint8Array) => {
    signal.throwIfAborted();
    const bytes =
      typeof data === "string" ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length);
    await shell.descriptor(number).write(bytes);
  };
  const stderr = write(2);
  const base = name.slice(name.lastIndexOf("/") + 1);
  return {
    name: base,
    args,
    env,
    cwd: shell.cwd,
    get stdin() {
      return new Input(shell.descriptor(0), signal);
    },
    stdout: write(1),
    stderr,
    descriptors: shell.descriptors,
    signal,
    path: (file) => resolve(shell.cwd, file),
    async fail(message, status = 1) {
      await stderr(`${base}: ${message}\n`);
      return status;
    },
    run: (command, rest, options) => runInside(shell, command, rest, env, options),
  };
}

/** What a command runs for itself gets a subshell: it changes nothing here. */
function runInside(
  shell: Shell,
  name: string,
  args: string[],
  env: Record<string, string>,
  options: RunOptions = {},
): Promise<number> {
  const subshell = shell.fork();
  if (options.stdin !== undefined) subshell.place(0, options.stdin.retain());
  if (options.stdout !== undefined) subshell.place(1, options.stdout.retain());
  if (options.cwd !== undefined) subshell.cwd = options.cwd;
  const environment = options.env ?? env;
  if (environment["PATH"] !== undefined) subshell.variables.set("PATH", environment["PATH"]);
  const { missing } = options;
  return runSubshell(subshell, () =>
    missing !== undefined && findProgram(subshell, name).kind === "missing"
      ? missing()
      : runProgram(subshell, name, args, environment),
  );
}
