import { userInfo } from "node:os";
import { type ParsedScript, parse } from "unbash";
import { Exit, Killed } from "./errors.js";
import type { RunnableNode } from "./exec/node.js";
import { runScript } from "./exec/script.js";
import type { Shell } from "./shell.js";

/** The beginning of a command whose end is still to come. */
const INCOMPLETE = /unterminated|expected .* to close|expected command (?:after|in)/;

/** Lines as they come: a script on stdin, or somebody at a terminal. */
export async function interact(shell: Shell): Promise<number> {
  if (shell.interactive) for (const signal of ["INT", "QUIT", "TSTP"]) shell.listen(signal);
  const lines = shell.interactive ? new Prompt(shell) : new Script(shell);
  try {
    let source = "";
    for (;;) {
      const line = await lines.next(source === "" ? "PS1" : "PS2");
      if (line === null && source === "") return shell.status;
      source += line === null ? "" : `${line}\n`;
      const script = parse(source);
      if (line !== null && isIncomplete(script, source)) continue;
      await runOne(shell, script, source);
      source = "";
    }
  } finally {
    lines.close();
  }
}

function isIncomplete(script: ParsedScript, source: string): boolean {
  if (source.endsWith("\\\n") || script.errors?.some(({ message }) => INCOMPLETE.test(message))) return true;
  return script.commands.some(({ command }) => openDocument(command));
}

/** Whether a here-document at the end of a command still waits for its last line. */
function openDocument(command: RunnableNode): boolean {
  if (command.type === "AndOr" || command.type === "Pipeline") return command.commands.some(openDocument);
  if (command.type !== "Command" && command.type !== "Redirected") return false;
  return command.redirects.some((redirect) => redirect.type === "HereDoc" && redirect.closing === undefined);
}

async function runOne(shell: Shell, script: ParsedScript, source: string): Promise<void> {
  shell.source = source;
  if (shell.interactive) shell.abort = new AbortController();
  try {
    await runScript(shell, script);
  } catch (error) {
    if (error instanceof Exit || !shell.interactive) throw error;
    if (error instanceof Killed) {
      shell.status = 128 + error.signal;
      process.stderr.write("\n");
      return;
    }
    await shell.complain((error as Error).message);
    shell.status = 1;
  }
}

interface Lines {
  /** The next line, asked for by the prompt in that variable; null at the end. */
  next(prompt: "PS1" | "PS2"): Promise<string | null>;
  close(): void;
}

/** What a command of the script reads from stdin are the lines that follow it. */
class Script implements Lines {
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  async next(): Promise<string | null> {
    return (await this.#shell.input.line())?.line ?? null;
  }

  close(): void {}
}

class Prompt implements Lines {
  readonly #shell: Shell;
  /** Lines that were typed ahead, and the beginning of the next one. */
  readonly #ahead: string[] = [];
  #begun = "";

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** An interface for each line, so that commands have the terminal in between. */
  async next(name: "PS1" | "PS2"): Promise<string | null> {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) {
      process.stderr.write(`${this.#prompt(name)}${ahead}\n`);
      return ahead;
    }
    const { terminal } = this.#shell.descriptor(0);
    const { createInterface } = process.getBuiltinModule("node:readline/promises");
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal });
    const closed = new Promise<null>((resolve) => lines.once("close", () => resolve(null)));
    lines.on("SIGINT", () => {
      lines.write("", { ctrl: true, name: "u" });
      process.stderr.write("^C\n");
      lines.prompt();
    });
    lines.on("line", (line) => this.#ahead.push(line));
    try {
      const answer = lines.question(this.#prompt(name));
      if (this.#begun !== "") lines.write(this.#begun);
      return await Promise.race([answer, closed]);
    } finally {
      this.#begun = lines.line;
      lines.close();
    }
  }

  #prompt(name: "PS1" | "PS2"): string {
    const shell = this.#shell;
    const home = shell.variables.get("HOME") ?? "";
    const where = home !== "" && shell.cwd.startsWith(home) ? `~${shell.cwd.slice(home.length)}` : shell.cwd;
    const text = shell.variables.get(name) ?? (name === "PS1" ? "\\u:\\w\\$ " : "> ");
    return text.replace(/\\([uwW$hn])/g, (_, letter: string) => {
      if (letter === "u") return userInfo().username;
      if (letter === "w") return where;
      if (letter === "W") return where.slice(where.lastIndexOf("/") + 1) || where;
      if (letter === "h") return "secure-exec";
      if (letter === "n") return "\n";
      return process.getuid?.() === 0 ? "#" : "$";
    });
  }

  close(): void {}
}
