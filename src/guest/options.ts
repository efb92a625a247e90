import { type Internal, primordials, requireBuiltin } from "./internals.js";

const { ObjectKeys, StringPrototypeSlice } = primordials;

/** A value of an option, as Node's library sees it. */
export type OptionValue = boolean | string | number | string[];

/**
 * Options of the process that its worker was not made with: they concern how a program begins, which a
 * worker's environment would do on the real system, before our boot. The worker itself, in turn, has some
 * that are the boot's and not the program's.
 */
const own: Record<string, OptionValue> = { __proto__: null as never };

/** Makes Node's library see the options of the process. What asks for them has loaded or will load this. */
export function installOptions(): void {
  const options = requireBuiltin("internal/options");
  const ofWorker = options.getOptionValue;
  options.getOptionValue = function getOptionValue(name: string): Internal {
    const value = own[name];
    return value === undefined ? ofWorker(name) : value;
  };
  // For processes that run tests. They get the words of the command line too, and inherit NODE_OPTIONS.
  options.getOptionsAsFlagsFromBinding = (): string[] => [];
  setOptions({ __proto__: null as never, "--warnings": true, "--expose-internals": false });
}

export function setOptions(values: Record<string, OptionValue>): void {
  const names = ObjectKeys(values);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = values[name] as OptionValue;
    own[name] = value;
    if (typeof value === "boolean") own[`--no-${StringPrototypeSlice(name, 2)}`] = !value;
  }
}

/** The value of an option of the process, whoever has set it. */
export function optionValue(name: string): Internal {
  return requireBuiltin("internal/options").getOptionValue(name);
}
