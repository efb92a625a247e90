import type { Statement } from "unbash";
import { FileDescriptor } from "../../io/file.js";
import { Job, taskNumber } from "../jobs.js";
import type { Shell } from "../shell.js";
import { runNode } from "./node.js";
import { runSubshell } from "./subshell.js";

/** `command &`: the status of starting it is 0. */
export async function startJob(shell: Shell, statement: Statement): Promise<number> {
  const subshell = shell.fork();
  // Without job control what runs in the background has no input of its own.
  if (!shell.interactive) subshell.place(0, await FileDescriptor.open("/dev/null", "r"));
  subshell.background = shell.interactive;
  let pid: number | null = null;
  const started = new Promise<void>((resolve) => {
    subshell.onStart = (child) => {
      // The number of a single program is that of its process.
      if (statement.command.type === "Command") pid = child;
      resolve();
    };
  });
  const ended = runSubshell(subshell, () => runNode(subshell, statement.command));
  if (statement.command.type === "Command") await Promise.race([started, ended]);
  const text = shell.source.slice(statement.pos, statement.end);
  const job = new Job({ pid: pid ?? taskNumber(), text, ended, kill: (signal) => subshell.kill(signal) });
  subshell.onStop = (signal) => job.halt(signal);
  shell.jobs.list(job);
  shell.lastBackground = job.pid;
  if (shell.interactive) await shell.write(2, `[${job.id}] ${job.pid}\n`);
  return 0;
}
