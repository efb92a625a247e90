import type { ArrayValue, Assignment } from "unbash";
import { ShellError } from "../errors.js";
import { evaluateText } from "../expand/arithmetic.js";
import { arrayGet, arraySet } from "../expand/elements.js";
import { arithmeticOperands } from "../expand/operands.js";
import { elementIndex } from "../expand/parameter.js";
import { expandWord, expandWords } from "../expand/words.js";
import type { Shell } from "../shell.js";
import { elements } from "../variables.js";

/** `name=value`, `name+=value`, `name[index]=value` and `name=(…)`. */
export async function assign(shell: Shell, assignment: Assignment): Promise<void> {
  const { name, value: given, append = false } = assignment;
  if (given.type === "ArrayValue") {
    await assignArray(shell, name, given, append);
    return;
  }
  const index = await elementIndex(shell, name, assignment.index?.text);
  const text = await expandWord(shell, given, true);
  const variable = shell.variables.find(name);
  const before = append ? (arrayGet(shell, name, index) ?? "") : "";
  const value = variable?.integer
    ? String(await evaluateText(append ? `(${before || 0})+(${text})` : text, arithmeticOperands(shell)))
    : before + text;
  arraySet(shell, name, index, value);
}

async function assignArray(
  shell: Shell,
  name: string,
  { elements: words }: ArrayValue,
  append: boolean,
): Promise<void> {
  const variable = shell.variables.find(name);
  if (variable?.readonly) throw new ShellError(`${name}: readonly variable`);
  const associative = variable?.value instanceof Map;
  const held = append ? elements(variable?.value) : [];
  const declared = shell.variables.declare(name);
  if (!associative) declared.value = held;
  else if (!append) declared.value = new Map();
  for (const word of words) {
    const [, key, value] = /^\[(.+?)\]=(.*)$/s.exec(word.text) ?? [];
    if (key !== undefined) {
      const index = await elementIndex(shell, name, unquoted(key));
      arraySet(shell, name, index, await shell.expandText(unquoted(value ?? "")));
    } else {
      for (const text of await expandWords(shell, [word]))
        arraySet(shell, name, String((declared.value as string[]).length), text);
    }
  }
}

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}
