import { type HereDocBody, parse, type Word } from "unbash";
import { ShellError } from "../errors.js";
import type { Shell } from "../shell.js";
import { expandBraces } from "./braces.js";
import { Expander } from "./expander.js";
import { expandPathname } from "./pathnames.js";
import { isPattern } from "./pattern.js";

const DEFAULT_IFS = " \t\n";

/** The words of a command: expanded, split, and matched against the names of files. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const word of words) {
    for (const one of braced(word)) {
      // Most words are plain.
      if (one.parts === undefined && !/[\\*?[~]/.test(one.text)) expanded.push(one.text);
      else for (const text of await fieldsOf(shell, one)) expanded.push(text);
    }
  }
  return expanded;
}

async function fieldsOf(shell: Shell, word: Word): Promise<string[]> {
  const expander = new Expander(shell, shell.variables.get("IFS") ?? DEFAULT_IFS);
  await expander.word(word, { quoted: false });
  const found: string[] = [];
  for (const { text, pattern } of expander.fields.end())
    for (const name of names(shell, text, pattern)) found.push(name);
  return found;
}

/** Brace expansion comes first, and its words are words of their own. */
function braced(word: Word): Word[] {
  if (word.parts?.some(({ type }) => type === "BraceExpansion") !== true) return [word];
  return expandBraces(word.text).map((text) => {
    const command = parse(`: ${text}`).commands[0]?.command;
    const [only] = command?.type === "Command" ? command.args : [];
    return only?.type === "Word" ? only : { ...word, text, value: text };
  });
}

function names(shell: Shell, text: string, pattern: string): string[] {
  const { options } = shell;
  const extended = options.has("extglob");
  if (options.has("noglob") || !isPattern(pattern, extended)) return [text];
  const found = expandPathname(pattern, {
    cwd: shell.cwd,
    extended,
    dots: options.has("dotglob"),
    caseless: options.has("nocaseglob"),
    globstar: options.has("globstar"),
  });
  if (found.length > 0) return found;
  if (options.has("failglob")) throw new ShellError(`no match: ${text}`);
  return options.has("nullglob") ? [] : [text];
}

/** A word that stays one: of an assignment, a redirection, `case`, `[[`. */
export async function expandWord(shell: Shell, word: Word, assignment = false): Promise<string> {
  return (await single(shell, word, assignment)).text;
}

/** The same as a pattern in which what was quoted stands for itself. */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  return (await single(shell, word, false)).pattern;
}

/** The body of a here-document: as between double quotes, but that those stand for themselves. */
export async function expandBody(shell: Shell, { text, parts }: HereDocBody): Promise<string> {
  if (parts === undefined)
    return text.replace(/\\([$`\\\n])/g, (_, quoted) => (quoted === "\n" ? "" : quoted));
  const expander = new Expander(shell, "");
  await expander.parts(parts, { quoted: true });
  return join(expander).text;
}

async function single(
  shell: Shell,
  word: Word,
  assignment: boolean,
): Promise<{ text: string; pattern: string }> {
  const expander = new Expander(shell, "");
  await expander.word(word, { quoted: false, assignment });
  return join(expander);
}

function join(expander: Expander): { text: string; pattern: string } {
  const fields = expander.fields.end();
  return {
    text: fields.map(({ text }) => text).join(" "),
    pattern: fields.map(({ pattern }) => pattern).join(" "),
  };
}
