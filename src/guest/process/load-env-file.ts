import { hideFrames, type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import type { ThreadVariables } from "../worker/variables.js";

const { ObjectKeys } = primordials;
const { parseEnv } = internalBinding("util");

/** `process.loadEnvFile`: names that are set already stay as they are. */
export function createLoadEnvFile(variables: ThreadVariables): (path?: string) => void {
  const fs = requireBuiltin("fs");
  const { readFileSync } = fs;

  return function loadEnvFile(path = ".env"): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      hideFrames(error as Error, loadEnvFile);
      throw error;
    }
    const environment = variables.view;
    const values: Internal = parseEnv(text);
    const names: string[] = ObjectKeys(values);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (environment[name] === undefined) environment[name] = values[name];
    }
  };
}
