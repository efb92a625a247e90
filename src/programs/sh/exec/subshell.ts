import { DescriptorError } from "../../io/descriptor.js";
import { Break, Exit, Killed, Return, ShellError } from "../errors.js";
import type { Shell } from "../shell.js";

/** What a process ends with that writes where nobody reads. */
const BROKEN_PIPE = 128 + 13;

/** Runs the body of a subshell to its end, whatever that is, and lets go of its descriptors. */
export async function runSubshell(shell: Shell, body: () => Promise<number>): Promise<number> {
  let status = await outcome(shell, body);
  const action = shell.traps.get("EXIT");
  if (action) {
    shell.status = status;
    shell.traps.delete("EXIT");
    status = await outcome(shell, async () => {
      await shell.evaluate(action);
      return status;
    });
  }
  for (const end of shell.atEnd) await end();
  shell.close();
  return status;
}

async function outcome(shell: Shell, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof Exit || error instanceof Return) return error.status;
    if (error instanceof Break) return 0;
    if (error instanceof Killed) return 128 + error.signal;
    if (error instanceof DescriptorError && error.code === "EPIPE") return BROKEN_PIPE;
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return BROKEN_PIPE;
    if (!(error instanceof ShellError)) throw error;
    await shell.complain(error.message);
    return error.status;
  }
}
