import { constants } from "node:fs";
import { resolve } from "node:path";
import type { HereDoc, Redirection, Word } from "unbash";
import { errorText } from "../../errors.js";
import type { Descriptor } from "../../io/descriptor.js";
import { FileDescriptor } from "../../io/file.js";
import { createPipe } from "../../io/pipe.js";
import { ShellError } from "../errors.js";
import { expandBody, expandWord, expandWords } from "../expand/words.js";
import type { Shell } from "../shell.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

/** The first descriptor that the shell allots by itself, for `{name}>file`. */
const FIRST_NAMED = 10;

/** Runs `body` with the redirections in force, and takes them back. */
export async function withRedirects<Result>(
  shell: Shell,
  redirects: readonly Redirection[],
  body: () => Promise<Result>,
): Promise<Result> {
  if (redirects.length === 0) return body();
  const before = new Map(shell.descriptors);
  for (const descriptor of before.values()) descriptor.retain();
  try {
    await redirect(shell, redirects);
    return await body();
  } finally {
    for (const descriptor of shell.descriptors.values()) descriptor.release();
    shell.descriptors = before;
  }
}

/** Changes the shell's own descriptors, as `exec` does. */
export async function redirect(shell: Shell, redirects: readonly Redirection[]): Promise<void> {
  for (const one of redirects) await apply(shell, one);
}

async function apply(shell: Shell, redirect: Redirection): Promise<void> {
  const number = numberOf(shell, redirect);
  if (redirect.type === "HereDoc") {
    shell.place(number, text(await hereDocument(shell, redirect)));
    return;
  }
  if (redirect.type === "HereString") {
    shell.place(number, text(`${await expandWord(shell, redirect.target as Word)}\n`));
    return;
  }
  const { operator } = redirect;
  const target = await fileName(shell, redirect.target as Word);
  if (operator === "&>" || operator === "&>>" || (operator === ">&" && !isDescriptor(target))) {
    const file = await open(shell, target, operator === "&>>" ? ">>" : ">");
    shell.place(1, file);
    shell.place(2, file.retain());
    return;
  }
  if (operator === ">&" || operator === "<&") duplicate(shell, number, target);
  else shell.place(number, await open(shell, target, operator));
}

function numberOf(shell: Shell, { operator, descriptor }: Redirection): number {
  if (descriptor === undefined) return operator.startsWith("<") ? 0 : 1;
  if (descriptor.type === "FileDescriptor") return descriptor.value;
  let number = FIRST_NAMED;
  while (shell.descriptors.has(number)) number++;
  shell.assign(descriptor.name, String(number));
  return number;
}

function isDescriptor(target: string): boolean {
  return target === "-" || /^\d+-?$/.test(target);
}

/** `2>&1`, `3<&-`, `1>&3-` */
function duplicate(shell: Shell, number: number, target: string): void {
  if (target === "-") {
    shell.place(number, null);
    return;
  }
  const from = Number.parseInt(target, 10);
  if (Number.isNaN(from)) throw new ShellError(`${target}: ambiguous redirect`);
  shell.place(number, shell.descriptor(from).retain());
  if (target.endsWith("-") && from !== number) shell.place(from, null);
}

async function fileName(shell: Shell, word: Word): Promise<string> {
  const words = await expandWords(shell, [word]);
  if (words.length !== 1) throw new ShellError(`${word.text}: ambiguous redirect`);
  return words[0] as string;
}

function flagsOf(shell: Shell, operator: string): number {
  switch (operator) {
    case "<":
      return O_RDONLY;
    case "<>":
      return O_RDWR | O_CREAT;
    case ">>":
      return O_WRONLY | O_CREAT | O_APPEND;
    case ">|":
      return O_WRONLY | O_CREAT | O_TRUNC;
    default:
      return O_WRONLY | O_CREAT | (shell.options.has("noclobber") ? O_EXCL : O_TRUNC);
  }
}

async function open(shell: Shell, target: string, operator: string): Promise<Descriptor> {
  const path = resolve(shell.cwd, target);
  try {
    // A device is there already, and may be written to.
    const device = path.startsWith("/dev/") && operator === ">" ? ">|" : operator;
    return await FileDescriptor.open(path, flagsOf(shell, device));
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new ShellError(`${target}: cannot overwrite existing file`);
    throw new ShellError(`${target}: ${errorText(errno, target)}`);
  }
}

async function hereDocument(shell: Shell, { body, delimiter, operator }: HereDoc): Promise<string> {
  const text = delimiter?.quoted ? body.text : await expandBody(shell, body);
  return operator === "<<-" ? text.replace(/^\t+/gm, "") : text;
}

/** What a command reads from the script itself. */
function text(content: string): Descriptor {
  const { reader, writer } = createPipe();
  // The whole of it is there at once; what it takes is the script's size.
  writer.write(Buffer.from(content)).catch(() => undefined);
  writer.release();
  return reader;
}
