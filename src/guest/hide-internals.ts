import { BuiltinModule, builtin, type Internal, primordials, requireBuiltin } from "./internals.js";
import { optionValue } from "./options.js";

const { ArrayPrototypePush, MapPrototypeForEach, ObjectFreeze, StringPrototypeStartsWith } = primordials;

/** Public modules that Node itself offers only behind a flag; null for those that a guest can't have. */
const behindFlags: Readonly<Record<string, string | null>> = {
  __proto__: null as never,
  bench: "--experimental-bench",
  "bench/reporters": "--experimental-bench",
  dtls: null,
  ffi: null,
  quic: null,
  "stream/iter": "--experimental-stream-iter",
  vfs: "--experimental-vfs",
  "zlib/iter": "--experimental-stream-iter",
};

/** What only a script of a worker has loaded so far. */
const testModule = "internal/test/binding";

/** Closes what `--expose-internals` has opened, and forgets that it was ever open. */
export function hideInternals(process: NodeJS.Process): void {
  const ids: string[] = [];
  MapPrototypeForEach(BuiltinModule.map, (_module: unknown, id: string) => {
    const flag = behindFlags[id];
    if (StringPrototypeStartsWith(id, "internal/") || flag === null) return;
    if (flag !== undefined && !optionValue(flag)) return;
    ArrayPrototypePush(ids, id);
  });
  BuiltinModule.setRealmAllowRequireByUsers(ids);
  // It is left out of the above since Node counts it as experimental, though it is on by default.
  if (optionValue("--experimental-sqlite")) BuiltinModule.allowRequireByUsers("sqlite");

  const test = builtin(testModule);
  test.loaded = false;
  test.exports = {};
  // A module that ran twice is named once.
  const loadList: string[] = (process as Internal).moduleLoadList;
  const kept = [...new Set(loadList)].filter((entry) => entry !== `NativeModule ${testModule}`);
  loadList.splice(0, loadList.length, ...kept);

  const { Module } = requireBuiltin("internal/modules/cjs/loader");
  // Node has made this list with the internals in it.
  Module.builtinModules = ObjectFreeze(BuiltinModule.getAllBuiltinModuleIds());
  for (const path of Object.keys(Module._cache)) delete Module._cache[path];
}

/** Opens them again for a program that asks for them: its bindings are the replaced ones by then. */
export function exposeInternals(): void {
  BuiltinModule.exposeInternals();
}
