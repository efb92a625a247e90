import { FatalExpansion, ShellError } from "../errors.js";
import type { Shell } from "../shell.js";

/** One element of an array, or a plain variable. `index` has been expanded and evaluated. */
export function arrayGet(shell: Shell, name: string, index: string | undefined): string | undefined {
  const value = shell.variables.find(name)?.value;
  if (index === undefined) return shell.parameter(name);
  if (value instanceof Map) return value.get(index);
  const at = Number(index);
  if (typeof value === "string") return at === 0 ? value : undefined;
  return value?.at(at);
}

export function arraySet(shell: Shell, name: string, index: string | undefined, value: string): void {
  if (index === undefined) {
    shell.assign(name, value);
    return;
  }
  const variable = shell.variables.declare(name);
  if (variable.readonly) throw new ShellError(`${name}: readonly variable`);
  if (variable.value instanceof Map) {
    variable.value.set(index, value);
    return;
  }
  const elements = Array.isArray(variable.value) ? variable.value : [];
  if (typeof variable.value === "string") elements[0] = variable.value;
  const at = Number(index) < 0 ? elements.length + Number(index) : Number(index);
  if (at < 0) throw new FatalExpansion(`${name}[${index}]: bad array subscript`);
  elements[at] = value;
  variable.value = elements;
}
