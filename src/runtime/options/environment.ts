import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import { checkText, describe, isRecord, refuse } from "./checks.js";

/** Variables of a guest process. `undefined` takes a variable away that would be there otherwise. */
export type Environment = Record<string, string | undefined>;

/** What a guest process finds in its environment when nobody says otherwise. */
const GUEST_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: "/home/user",
  LANG: "C.UTF-8",
  LOGNAME: "user",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  SHELL: "/bin/sh",
  USER: "user",
};

/** Checks variables. Their names may be anything that an environment can carry. */
export function checkEnvironment(value: unknown, key: string): Environment {
  if (value === undefined) return {};
  if (!isRecord(value)) refuse(key, "an object of strings", value);
  const environment: Environment = {};
  for (const name of Object.keys(value)) {
    if (name === "" || name.includes("=") || name.includes("\0")) {
      throw new InvalidOptionError({
        key: `${key}[${JSON.stringify(name)}]`,
        expected: 'a variable whose name is not empty and has no "=" and no NUL',
        received: describe(name),
      });
    }
    const text = value[name];
    define(environment, name, text === undefined ? undefined : checkText(text, `${key}.${name}`));
  }
  return environment;
}

/** The whole environment of a process: the guest's own, then the runtime's, then the call's. */
export function mergeEnvironments(...layers: readonly Environment[]): Record<string, string> {
  const merged: Record<string, string> = { ...GUEST_ENVIRONMENT };
  for (const layer of layers) {
    for (const [name, text] of Object.entries(layer)) {
      if (text === undefined) delete merged[name];
      else define(merged, name, text);
    }
  }
  return merged;
}

/** Bytes that arguments and variables take, counted as Linux does: `name=value` and a NUL each. */
export function argumentBytes(args: readonly string[], env: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const arg of args) bytes += Buffer.byteLength(arg) + 1;
  for (const [name, text] of Object.entries(env)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text) + 2;
  }
  return bytes;
}

/** A plain assignment to `__proto__` would be lost. */
function define<T>(target: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}
