import type {
  ParameterDefaultOperation,
  ParameterExpansionPart,
  ParameterOperation,
  ParameterSliceOperation,
  Word,
} from "unbash";
import { FatalExpansion, ShellError } from "../errors.js";
import type { Shell } from "../shell.js";
import { elements, keys } from "../variables.js";
import { evaluateText } from "./arithmetic.js";
import { arrayGet, arraySet } from "./elements.js";
import type { Expander, ExpandMode } from "./expander.js";
import { arithmeticOperands } from "./operands.js";
import { changeCase, quoteForShell } from "./transform.js";
import { removePrefix, removeSuffix, replace } from "./trim.js";
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
  const { operation, prefix } = part;
  if (prefix === "!" && expandNames(expander, part, mode)) return;
  const subject = await subjectOf(shell, part);
  if (prefix === "#") {
    const { all, values = [] } = subject;
    if (subject.values === undefined && all === null) required(shell, subject.name, undefined);
    expander.value(String(all === null ? [...(values[0] ?? "")].length : values.length), mode.quoted);
    return;
  }
  if (operation?.type === "Default") {
    await useOperand(expander, operation, subject, mode);
    return;
  }
  if (subject.values === undefined && subject.all === null) required(shell, nameOf(subject), undefined);
  const values =
    operation === undefined ? (subject.values ?? []) : await transformed(shell, part, operation, subject);
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
  const { parameter, operation } = part;
  const index = part.index?.text;
  if (index === "@" || index === "*") {
    emit(expander, index, keys(shell.variables.find(parameter)?.value), mode);
    return true;
  }
  if (operation?.type !== "Names") return false;
  emit(expander, operation.operator, shell.variables.names(parameter), mode);
  return true;
}

async function subjectOf(shell: Shell, part: ParameterExpansionPart): Promise<Subject> {
  let { parameter: name } = part;
  let index = part.index?.text;
  if (part.prefix === "!") {
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

/** The operations that may put a word in the parameter's place. */
async function useOperand(
  expander: Expander,
  { operator, operand }: ParameterDefaultOperation,
  subject: Subject,
  mode: ExpandMode,
): Promise<void> {
  const { shell } = expander;
  const { values } = subject;
  const colon = operator.startsWith(":");
  const missing = values === undefined || (colon && values.every((value) => value === ""));
  if (operator.endsWith("+")) {
    if (!missing) await expander.word(operand, mode);
    return;
  }
  if (!missing) {
    emit(expander, subject.all, values, mode);
    return;
  }
  if (operator.endsWith("?")) throw new FatalExpansion(await complaint(shell, subject, operand, colon));
  if (operator.endsWith("-")) {
    await expander.word(operand, mode);
    return;
  }
  if (subject.all !== null || /^\d|^\W$/.test(subject.name))
    throw new ShellError(`$${subject.name}: cannot assign in this way`);
  const value = await expandWord(shell, operand);
  arraySet(shell, subject.name, subject.index, value);
  expander.value(value, mode.quoted);
}

async function complaint(shell: Shell, subject: Subject, word: Word, colon: boolean): Promise<string> {
  const text = await expandWord(shell, word);
  return `${nameOf(subject)}: ${text || (colon ? "parameter null or not set" : "parameter not set")}`;
}

/** What the other operations make of the values. */
async function transformed(
  shell: Shell,
  part: ParameterExpansionPart,
  operation: ParameterOperation,
  subject: Subject,
): Promise<string[]> {
  const values = subject.values ?? [];
  switch (operation.type) {
    case "Slice":
      return sliced(shell, part, operation, subject);
    case "Replace": {
      const pattern = await expandPattern(shell, operation.pattern);
      const replacement = await expandWord(shell, operation.replacement);
      return values.map((value) => replace(value, operation.operator, pattern, replacement));
    }
    case "Remove": {
      const pattern = await expandPattern(shell, operation.operand);
      const remove = operation.operator.startsWith("#") ? removePrefix : removeSuffix;
      return values.map((value) => remove(value, pattern, operation.operator.length === 2));
    }
    case "CaseModification": {
      const pattern = operation.operand === undefined ? "" : await expandPattern(shell, operation.operand);
      return values.map((value) => changeCase(value, operation.operator, pattern));
    }
    case "Transform":
      return values.map((value) => attribute(operation.operand.text, value));
    default:
      throw new ShellError(`${part.text}: bad substitution`);
  }
}

function attribute(letter: string, value: string): string {
  switch (letter) {
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

async function sliced(
  shell: Shell,
  { text }: ParameterExpansionPart,
  slice: ParameterSliceOperation,
  subject: Subject,
): Promise<string[]> {
  const operands = arithmeticOperands(shell);
  const number = async (word: Word) => Number(await evaluateText(await expandWord(shell, word), operands));
  const offset = await number(slice.offset);
  const length = slice.length === undefined ? undefined : await number(slice.length);
  const negative = length !== undefined && length < 0;
  if (subject.all !== null) {
    // The positional parameters are counted from $0.
    const { positional, name } = shell;
    const all = /^[@*]$/.test(subject.name) ? [name, ...positional] : (subject.values ?? []);
    if (negative) throw new ShellError(`${text}: substring expression < 0`);
    const start = offset < 0 ? Math.max(0, all.length + offset) : offset;
    return all.slice(start, length === undefined ? undefined : start + length);
  }
  const characters = [...(subject.values?.[0] ?? "")];
  const start = offset < 0 ? characters.length + offset : offset;
  if (start < 0) return [""];
  const end =
    length === undefined ? characters.length : negative ? characters.length + length : start + length;
  if (end < start && start <= characters.length) throw new ShellError(`${text}: substring expression < 0`);
  return [characters.slice(start, end).join("")];
}
