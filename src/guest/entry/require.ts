import { primordials, requireBuiltin } from "../internals.js";

const { ObjectDefineProperty } = primordials;

/**
 * Gives the program a global `require` that resolves from the working directory. It is made when it is
 * first used, and is not enumerable: a plain evaluated module has none.
 */
export function installRequire(directory: string): void {
  function define(value: unknown): void {
    ObjectDefineProperty(globalThis, "require", {
      __proto__: null,
      configurable: true,
      writable: true,
      value,
    });
  }

  ObjectDefineProperty(globalThis, "require", {
    __proto__: null,
    configurable: true,
    get() {
      const { Module } = requireBuiltin("internal/modules/cjs/loader");
      const made = Module.createRequire(`${directory}/[eval1]`);
      define(made);
      return made;
    },
    set: define,
  });
}
