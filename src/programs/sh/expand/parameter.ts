import type { ParameterExpansionPart, Word } from "unbash";
import { FatalExpansion, ShellError } from "../errors.js";
import type { Shell } from "../shell.js";
import { elements, keys } from "../variables.js";
import { evaluateText } from "./arithmetic.js";
import { arrayGet, arraySet } from "./elements.js";
import { Expander, type ExpandMode } from "./expander.js";
import { arithmeticOperands } from "./operands.js";
import { removePrefix, removeSuffix, replace } from "./trim.js";
import { changeCase, quoteForShell } from "./transform.js";
import { expandPattern, expandWord } from "./words.js";

/** `$name`: one text, or several for `$@` and `$*`. */
export async function simpleParameter(
  shell: Shell,
  name: string,
  quoted: boolean,
): Promise<string | string[]> {
  if (name === "@") return [...shell.positional];
  if (name === "*") return quoted ? joined(shell, shell.positional) : [...shell.positional];
  return required(shell, name, shell.parameter(name));
}

/** `"$*"` and `"${a[*]}"`: with the first character of IFS between. */
function joined(shell: Shell, values: readonly string[]): string {
  return values.join((shell.variables.get("IFS") ?? " ").slice(0, 1));
}

function required(shell: Shell, name: string, value: string | undefined): string {
  if (value === undefined && shell.options.has("nounset"))
    throw new FatalExpansion(`${name}: unbound variable`);
  return value ?? "";
}

/** What the parameter of an expansion stands for. */
interface Subject {
  name: string;
  index: string | undefined;
  /** `@` or `*`: all values, each a field or as one. */
  all: "@" | "*" | null;
  /** Undefined where it is not set. */
  values: string[] | undefined;
}

/** `${…}` in all its forms. */
export async function expandParameter(
  expander: Expander,
  part: ParameterExpansionPart,
  mode: ExpandMode,
): Promise<void> {
  const { shell } = expander;
  if (part.indirect && expandNames(expander, part, mode)) return;
  const subject = await subjectOf(shell, part);
  if (part.length) {
    const { all, values = [] } = subject;
    if (subject.values === undefined && all === null) required(shell, subject.name, undefined);
    expander.value(String(all === null ? [...(values[0] ?? "")].length : values.length), mode.quoted);
    return;
  }
  if (part.operator !== undefined && (await useOperand(expander, part, subject, mode))) return;
  if (subject.values === undefined && subject.all === null) required(shell, nameOf(subject), undefined);
  const values = await transformed(shell, part, subject);
  emit(expander, subject.all, values, mode);
}

function nameOf({ name, index }: Subject): string {
  return index === undefined ? name : `${name}[${index}]`;
}

function emit(expander: Expander, all: Subject["all"], values: string[], mode: ExpandMode): void {
  if (all === null) expander.value(values[0] ?? "", mode.quoted);
  else if (all === "*" && mode.quoted) expander.value(joined(expander.shell, values), true);
  else expander.fields.list(values, mode.quoted);
}

/** `${!prefix@}` and `${!array[@]}`: names and keys; false where `!` means indirection. */
function expandNames(expander: Expander, part: ParameterExpansionPart, mode: ExpandMode): boolean {
  const { shell } = expander;
  const { parameter, index, operator } = part;
  if (index === "@" || index === "*") {
    emit(expander, index, keys(shell.variables.find(parameter)?.value), mode);
    return true;
  }
  if ((operator === "@" || operator === "*") && part.operand === undefined) {
    emit(expander, operator, shell.variables.names(parameter), mode);
    return true;
  }
  return false;
}

async function subjectOf(shell: Shell, part: ParameterExpansionPart): Promise<Subject> {
  let { parameter: name, index } = part;
  if (part.indirect) {
    const target = arrayGet(shell, name, await elementIndex(shell, name, index)) ?? "";
    const [, base = target, at] = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(target) ?? [];
    name = base;
    index = at;
    if (name === "") throw new FatalExpansion(`${part.parameter}: invalid indirect expansion`);
  }
  if (name === "@" || name === "*") {
    const { positional } = shell;
    return { name, index: undefined, all: name, values: positional.length > 0 ? [...positional] : undefined };
  }
  if (index === "@" || index === "*") {
    const values = elements(shell.variables.find(name)?.value);
    return { name, index, all: index, values: values.length > 0 ? values : undefined };
  }
  const at = await elementIndex(shell, name, index);
  const value = arrayGet(shell, name, at);
  return { name, index: at, all: null, values: value === undefined ? undefined : [value] };
}

/** An index is an arithmetic expression; of an associative array a text. */
export async function elementIndex(
  shell: Shell,
  name: string,
  index: string | undefined,
): Promise<string | undefined> {
  if (index === undefined) return undefined;
  const text = await shell.expandText(index);
  if (shell.variables.find(name)?.value instanceof Map) return text;
  return String(await evaluateText(text, arithmeticOperands(shell)));
}

/** The operators that may put a word in the parameter's place. True when they have answered. */
async function useOperand(
  expander: Expander,
  part: ParameterExpansionPart,
  subject: Subject,
  mode: ExpandMode,
): Promise<boolean> {
  const { shell } = expander;
  const operator = part.operator as string;
  const [, colon, kind] = /^(:?)([-=?+])$/.exec(operator) ?? [];
  if (kind === undefined) return false;
  const { values } = subject;
  const missing = values === undefined || (colon === ":" && values.every((value) => value === ""));
  if (kind === "+") {
    if (!missing && part.operand !== undefined) await expander.word(part.operand, mode);
    return true;
  }
  if (!missing) {
    emit(expander, subject.all, values, mode);
    return true;
  }
  if (kind === "?") throw new FatalExpansion(await complaint(shell, subject, part.operand, colon === ":"));
  if (kind === "-") {
    if (part.operand !== undefined) await expander.word(part.operand, mode);
    return true;
  }
  if (subject.all !== null || /^\d|^\W$/.test(subject.name))
    throw new ShellError(`$${subject.name}: cannot assign in this way`);
  const value = part.operand === undefined ? "" : await expandWord(shell, part.operand);
  arraySet(shell, subject.name, subject.index, value);
  expander.value(value, mode.quoted);
  return true;
}

async function complaint(shell: Shell, subject: Subject, word: Word | undefined, colon: boolean): Promise<string> {
  const text = word === undefined ? "" : await expandWord(shell, word);
  return `${nameOf(subject)}: ${text || (colon ? "parameter null or not set" : "parameter not set")}`;
}

/** What the other operators make of the values. */
async function transformed(shell: Shell, part: ParameterExpansionPart, subject: Subject): Promise<string[]> {
  const values = subject.values ?? [];
  const { operator, slice, operand } = part;
  if (slice !== undefined) return sliced(shell, part, subject);
  if (part.replace !== undefined && operator !== undefined) {
    const pattern = await expandPattern(shell, part.replace.pattern);
    const replacement = await expandWord(shell, part.replace.replacement);
    return values.map((value) => replace(value, operator, pattern, replacement));
  }
  if (operator === undefined) return values;
  if (operator.startsWith("@")) return values.map((value) => attribute(operator.slice(1), operand, value));
  const pattern = operand === undefined ? "" : await expandPattern(shell, operand);
  return values.map((value) => {
    if (operator.startsWith("#")) return removePrefix(value, pattern, operator.length === 2);
    if (operator.startsWith("%")) return removeSuffix(value, pattern, operator.length === 2);
    if (operator.startsWith("^") || operator.startsWith(",")) return changeCase(value, operator, pattern);
    throw new ShellError(`${part.text}: bad substitution`);
  });
}

function attribute(letters: string, operand: Word | undefined, value: string): string {
  switch (letters || operand?.text) {
    case "Q":
      return quoteForShell(value);
    case "U":
      return value.toUpperCase();
    case "L":
      return value.toLowerCase();
    case "u":
      return changeCase(value, "^", "?");
    default:
      return value;
  }
}

async function sliced(shell: Shell, part: ParameterExpansionPart, subject: Subject): Promise<string[]> {
  const { slice, text } = part;
  const operands = arithmeticOperands(shell);
  const number = async (word: Word) => Number(await evaluateText(await expandWord(shell, word), operands));
  const offset = slice === undefined ? 0 : await number(slice.offset);
  const length = slice?.length === undefined ? undefined : await number(slice.length);
  if (subject.all !== null) {
    // The positional parameters are counted from $0.
    const { positional, name } = shell;
    const all = /^[@*]$/.test(subject.name) ? [name, ...positional] : (subject.values ?? []);
    if (length !== undefined && length < 0) throw new ShellError(`${text}: substring expression < 0`);
    const start = offset < 0 ? Math.max(0, all.length + offset) : offset;
    return all.slice(start, length === undefined ? undefined : start + length);
  }
  const characters = [...(subject.values?.[0] ?? "")];
  const start = offset < 0 ? characters.length + offset : offset;
  if (start < 0) return [""];
  const end = length === undefined ? characters.length : length < 0 ? characters.length + length : start + length;
  if (end < start && start <= characters.length) throw new ShellError(`${text}: substring expression < 0`);
  return [characters.slice(start, end).join("")];
}
