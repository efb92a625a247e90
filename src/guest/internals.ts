import process from "node:process";
import { nothing } from "./nothing.js";

/**
 * Node's own internals, taken when the boot module loads.
 *
 * A guest's worker starts with `--expose-internals`; what that opens is captured here and closed again
 * before a guest program runs (see `hide-internals.ts`).
 */

// biome-ignore lint/suspicious/noExplicitAny: Node's internals have no types.
export type Internal = any;
type Binding = Record<string, Internal>;

/** A function or class as the place where a stack trace begins. */
export type Callable = ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown);

/** One built-in module, as Node's own loader keeps it. */
export interface BuiltinModule {
  readonly id: string;
  exports: Internal;
  loaded: boolean;
  loading: boolean;
  module: unknown;
  exportKeys: string[] | undefined;
  compileForInternalLoader(): Internal;
}

interface BuiltinModuleClass {
  readonly map: Map<string, BuiltinModule>;
  readonly prototype: BuiltinModule;
  getAllBuiltinModuleIds(): string[];
  allowRequireByUsers(id: string): void;
  setRealmAllowRequireByUsers(ids: string[]): void;
  exposeInternals(): void;
}

function load(id: string): Internal {
  return process.getBuiltinModule(id);
}

// The module warns that it is for tests, which would show up in the guest's stderr.
const emitWarning = process.emitWarning;
process.emitWarning = nothing;
const testBinding = load("internal/test/binding");
process.emitWarning = emitWarning;

/** Loads a native binding. The object is the one that every built-in module of this thread sees. */
export const internalBinding: (name: string) => Binding = testBinding.internalBinding;

/** Node's frozen copies of the intrinsics. */
export const primordials: Binding = testBinding.primordials;

const { BuiltinModule: builtinModuleClass } = ((): { BuiltinModule: BuiltinModuleClass } => {
  const fsModule = load("internal/modules/helpers").loadBuiltinModule("fs");
  return { BuiltinModule: fsModule.constructor };
})();

export { builtinModuleClass as BuiltinModule };

const { compileFunction } = internalBinding("builtins");
const {
  MapPrototypeGet,
  ObjectDefineProperties,
  ObjectGetOwnPropertyDescriptors,
  ObjectKeys,
  ObjectSetPrototypeOf,
  ReflectDeleteProperty,
} = primordials;

/** Finds the record of a built-in module, loaded or not. */
export function builtin(id: string): BuiltinModule {
  const found: BuiltinModule | undefined = MapPrototypeGet(builtinModuleClass.map, id);
  if (found === undefined) throw new TypeError(`No built-in module ${id}`);
  return found;
}

const realm = "internal/bootstrap/realm";
/** Node's loader of bindings, or what has taken its place. */
const realmExports = { internalBinding, BuiltinModule: builtinModuleClass, require: requireBuiltin };

/** From now on built-in modules that ask the realm for a binding get it through `load`. */
export function replaceRealmLoader(load: (name: string) => Internal): void {
  realmExports.internalBinding = load;
}

/** Loads a built-in module, internal ones included, as Node's own modules do. */
export function requireBuiltin(id: string): Internal {
  // The realm's script is no module: running it a second time would set up a second loader.
  return id === realm ? realmExports : builtin(id).compileForInternalLoader();
}

/**
 * Compiles the source of a built-in module or script to a function, without running it.
 *
 * Modules take `(exports, require, module, process, internalBinding, primordials)`, the scripts of
 * `internal/bootstrap/` and `internal/main/` take `(process, require, internalBinding, primordials)`.
 */
export function compileBuiltin(id: string): (...args: unknown[]) => unknown {
  return compileFunction(id);
}

/** Runs one of Node's bootstrap scripts again, on the bindings as they are now. */
export function runBootstrapScript(id: string): void {
  compileBuiltin(id)(process, requireBuiltin, internalBinding, primordials);
}

/**
 * Runs a built-in module again, so that what it takes out of bindings at load comes from ours.
 *
 * The exports object stays the one that other modules hold already; its members are the new ones.
 */
export function reinstantiate(id: string): Internal {
  const module = builtin(id);
  const exports = module.exports;
  module.loaded = false;
  module.exports = {};
  module.compileForInternalLoader();
  if (typeof exports === "function") return module.exports;
  ObjectDefineProperties(exports, ObjectGetOwnPropertyDescriptors(module.exports));
  alias(module.exports, exports);
  module.exports = exports;
  return exports;
}

/** Makes a built-in module one that has not been loaded: the next to ask for it gets another. */
export function forget(id: string): void {
  const module = builtin(id);
  module.loaded = false;
  module.exports = {};
  const loadList: string[] = (process as Internal).moduleLoadList;
  loadList.splice(loadList.indexOf(`NativeModule ${id}`), 1);
}

/** A module that calls itself by its exports sees what a program has changed in them. */
function alias(own: object, exports: object): void {
  const keys: string[] = ObjectKeys(own);
  for (let i = 0; i < keys.length; i++) ReflectDeleteProperty(own, keys[i]);
  ObjectSetPrototypeOf(own, exports);
}

/** What the native `fs` binding held before it was replaced: its request class, its constants. */
export const nativeFsBinding: Binding = { __proto__: null, ...internalBinding("fs") };

/** Node's `ERR_…` classes by code. */
export const errorCodes: Record<string, new (...args: never[]) => Error> =
  requireBuiltin("internal/errors").codes;

/** Cuts `from` and what it called out of an error's stack, as if `from` were native. */
export function hideFrames(error: Error, from: Callable): void {
  primordials.ErrorCaptureStackTrace(error, from);
}
