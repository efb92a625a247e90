import type { AndOr, Pipeline, PipelineNode } from "unbash";
import { createPipe } from "../../io/pipe.js";
import type { Shell } from "../shell.js";
import { runNode } from "./node.js";
import { exitOnError } from "./script.js";
import { runSubshell } from "./subshell.js";

/** `a && b || c`: all but the last are conditions. */
export async function runAndOr(shell: Shell, { commands, operators }: AndOr): Promise<number> {
  for (const [index, command] of commands.entries()) {
    const operator = operators[index - 1];
    if (operator === "&&" && shell.status !== 0) continue;
    if (operator === "||" && shell.status === 0) continue;
    shell.status = await (index < operators.length ? guarded(shell, command) : runNode(shell, command));
  }
  return shell.status;
}

async function guarded(shell: Shell, node: PipelineNode): Promise<number> {
  shell.conditions++;
  try {
    return await runNode(shell, node);
  } finally {
    shell.conditions--;
  }
}

export async function runPipeline(shell: Shell, pipeline: Pipeline): Promise<number> {
  const started = performance.now();
  const { commands, prefixes } = pipeline;
  const negated = prefixes.filter(({ type }) => type === "Negation").length % 2 === 1;
  const [only] = commands;
  if (only === undefined) return 0;
  if (commands.length === 1) {
    const status = await (negated ? guarded(shell, only) : runNode(shell, only));
    shell.status = negated ? Number(status === 0) : status;
  } else {
    const statuses = await runStages(shell, pipeline);
    const failed = statuses.findLast((status) => status !== 0);
    const last = statuses.at(-1) as number;
    const status = shell.options.has("pipefail") ? (failed ?? 0) : last;
    shell.variables.set("PIPESTATUS", statuses.map(String));
    shell.status = negated ? Number(status === 0) : status;
    if (!negated) exitOnError(shell);
  }
  if (prefixes.some(({ type }) => type === "Time"))
    await tellTime(shell, (performance.now() - started) / 1000);
  return shell.status;
}

/** All stages run at once, each in a subshell of its own. */
function runStages(shell: Shell, { commands, operators }: Pipeline): Promise<number[]> {
  const stages = commands.map((command) => ({ command, shell: shell.fork() }));
  operators.forEach((operator, index) => {
    const { reader, writer } = createPipe();
    const from = stages[index]?.shell as Shell;
    from.place(1, writer);
    if (operator === "|&") from.place(2, writer.retain());
    stages[index + 1]?.shell.place(0, reader);
  });
  return Promise.all(
    stages.map((stage) => runSubshell(stage.shell, () => runNode(stage.shell, stage.command))),
  );
}

async function tellTime(shell: Shell, seconds: number): Promise<void> {
  const clock = (value: number) => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
  await shell.write(2, `\nreal\t${clock(seconds)}\nuser\t${clock(0)}\nsys\t${clock(0)}\n`);
}
