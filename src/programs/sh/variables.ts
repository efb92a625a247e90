import { ShellError } from "./errors.js";

/** What a variable holds: text, an array with gaps, or an associative array. */
export type Value = string | string[] | Map<string, string>;

export interface Variable {
  /** Undefined where only attributes were declared. */
  value: Value | undefined;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The variables of a shell: global ones, and those that functions have of their own. */
export class Variables {
  /** The innermost scope comes last. */
  #scopes: Map<string, Variable>[] = [new Map()];

  /** For a subshell: changes there stay there. */
  copy(): Variables {
    const copy = new Variables();
    copy.#scopes = this.#scopes.map(
      (scope) =>
        new Map([...scope].map(([name, variable]) => [name, { ...variable, value: copied(variable.value) }])),
    );
    return copy;
  }

  enter(): void {
    this.#scopes.push(new Map());
  }

  leave(): void {
    this.#scopes.pop();
  }

  get inFunction(): boolean {
    return this.#scopes.length > 1;
  }

  find(name: string): Variable | undefined {
    for (let depth = this.#scopes.length - 1; depth >= 0; depth--) {
      const variable = this.#scopes[depth]?.get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }

  /** The text of a variable; of an array its first element. */
  get(name: string): string | undefined {
    return first(this.find(name)?.value);
  }

  /** The variable of that name, made where it is missing: globally, or in the function under way. */
  declare(name: string, local = false): Variable {
    const scope = (local ? this.#scopes.at(-1) : this.#scopes[0]) as Map<string, Variable>;
    const found = local ? scope.get(name) : this.find(name);
    if (found !== undefined) return found;
    const variable = { value: undefined, exported: false, readonly: false, integer: false };
    scope.set(name, variable);
    return variable;
  }

  /** Assigns, or throws where the variable is read-only. */
  set(name: string, value: Value): Variable {
    const variable = this.declare(name);
    if (variable.readonly) throw new ShellError(`${name}: readonly variable`);
    // A plain value given to an array is its first element's.
    if (typeof value === "string" && Array.isArray(variable.value)) variable.value[0] = value;
    else if (typeof value === "string" && variable.value instanceof Map) variable.value.set("0", value);
    else variable.value = value;
    return variable;
  }

  unset(name: string): void {
    const variable = this.find(name);
    if (variable === undefined) return;
    if (variable.readonly) throw new ShellError(`${name}: cannot unset: readonly variable`);
    for (let depth = this.#scopes.length - 1; depth >= 0; depth--)
      if (this.#scopes[depth]?.delete(name)) return;
  }

  /** The names that begin so, in order. */
  names(prefix = ""): string[] {
    const names = new Set<string>();
    for (const scope of this.#scopes)
      for (const name of scope.keys()) if (name.startsWith(prefix)) names.add(name);
    return [...names].sort();
  }

  /** The environment of commands. */
  environment(): Record<string, string> {
    const environment: Record<string, string> = {};
    for (const scope of this.#scopes) {
      for (const [name, { exported, value }] of scope) {
        const text = exported ? first(value) : undefined;
        if (text !== undefined) environment[name] = text;
        else delete environment[name];
      }
    }
    return environment;
  }
}

function first(value: Value | undefined): string | undefined {
  if (Array.isArray(value)) return value[0];
  return value instanceof Map ? value.get("0") : value;
}

function copied(value: Value | undefined): Value | undefined {
  if (Array.isArray(value)) return value.slice();
  return value instanceof Map ? new Map(value) : value;
}

/** The elements of a value: one for plain text. */
export function elements(value: Value | undefined): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((element) => element !== undefined) : [...value.values()];
}

/** What the elements are found by. */
export function keys(value: Value | undefined): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return ["0"];
  return Array.isArray(value) ? Object.keys(value) : [...value.keys()];
}
