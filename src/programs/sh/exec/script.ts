import type { ParsedScript, Statement } from "unbash";
import { Exit, ShellError } from "../errors.js";
import type { Shell } from "../shell.js";
import { startJob } from "./job.js";
import { runNode } from "./node.js";

/** What a shell exits with that can't read its script. */
const SYNTAX = 2;

/** Runs what has been parsed, or says why it can't be. */
export async function runScript(shell: Shell, script: ParsedScript): Promise<number> {
  const [error] = script.errors ?? [];
  if (error !== undefined) {
    shell.position = error.pos;
    await shell.complain(`syntax error: ${error.message}`);
    shell.status = SYNTAX;
    if (!shell.interactive) throw new Exit(SYNTAX);
    return SYNTAX;
  }
  const { source } = shell;
  if (script.source !== undefined) shell.source = script.source;
  try {
    return await runStatements(shell, script.commands);
  } finally {
    shell.source = source;
  }
}

export async function runStatements(shell: Shell, statements: readonly Statement[]): Promise<number> {
  for (const statement of statements) await runStatement(shell, statement);
  return shell.status;
}

async function runStatement(shell: Shell, statement: Statement): Promise<void> {
  shell.abort.signal.throwIfAborted();
  shell.position = statement.pos;
  try {
    shell.status = statement.background
      ? await startJob(shell, statement)
      : await runNode(shell, statement.command);
  } catch (error) {
    await recover(shell, error);
  }
  await runPendingTraps(shell);
}

/** A command failed in a way that doesn't leave the script. */
async function recover(shell: Shell, error: unknown): Promise<void> {
  if (!(error instanceof ShellError)) throw error;
  await shell.complain(error.message);
  shell.status = error.status;
  if (error.fatal && !shell.interactive) throw new Exit(error.status);
  exitOnError(shell);
}

/** `set -e` */
export function exitOnError(shell: Shell): void {
  if (shell.status !== 0 && shell.conditions === 0 && shell.options.has("errexit"))
    throw new Exit(shell.status);
}

/** Runs the actions of the signals that came while a command ran. */
async function runPendingTraps(shell: Shell): Promise<void> {
  while (shell.pending.length > 0) {
    const action = shell.traps.get(shell.pending.shift() as string);
    if (action === undefined || action === "") continue;
    const { status } = shell;
    await shell.evaluate(action);
    shell.status = status;
  }
}
