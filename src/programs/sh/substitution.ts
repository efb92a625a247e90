import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedScript } from "unbash";
import { FileDescriptor } from "../io/file.js";
import { runScript } from "./exec/script.js";
import { runSubshell } from "./exec/subshell.js";
import type { Shell } from "./shell.js";

/**
 * Process substitution by a file: `<(…)` has been written when the command starts, and `>(…)` is read when
 * the shell ends. Bytes don't flow meanwhile, but no program can tell otherwise than by time.
 */
export async function openSubstitution(
  shell: Shell,
  script: ParsedScript,
  operator: "<" | ">",
): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), "sh-")), "fd");
  const remove = () => rmSync(join(path, ".."), { recursive: true, force: true });
  const run = async (number: number, flags: string) => {
    const subshell = shell.fork();
    subshell.place(number, await FileDescriptor.open(path, flags));
    await runSubshell(subshell, () => runScript(subshell, script));
  };
  if (operator === "<") await run(1, "wx");
  else (await FileDescriptor.open(path, "wx")).release();
  shell.atEnd.push(async () => {
    if (operator === ">") await run(0, "r");
    remove();
  });
  return path;
}
