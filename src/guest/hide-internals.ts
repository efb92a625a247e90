import { BuiltinModule, builtin, type Internal, primordials, requireBuiltin } from "./internals.js";

const { ArrayPrototypePush, MapPrototypeForEach, ObjectFreeze, StringPrototypeStartsWith } = primordials;

/** Public modules that Node itself offers only behind a flag. */
const behindFlags = ["bench", "bench/reporters", "dtls", "ffi", "quic", "stream/iter", "vfs", "zlib/iter"];

/** What only a script of a worker has loaded so far. */
const testModule = "internal/test/binding";

/** Closes what `--expose-internals` has opened, and forgets that it was ever open. */
export function hideInternals(process: NodeJS.Process): void {
  const ids: string[] = [];
  MapPrototypeForEach(BuiltinModule.map, (_module: unknown, id: string) => {
    if (StringPrototypeStartsWith(id, "internal/") || behindFlags.includes(id)) return;
    ArrayPrototypePush(ids, id);
  });
  BuiltinModule.setRealmAllowRequireByUsers(ids);
  // It is left out of the above since Node counts it as experimental, though it is on by default.
  BuiltinModule.allowRequireByUsers("sqlite");

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
