import { queryObjects } from "./bindings/query-objects.js";
import { type ChangedNatives, changedNatives } from "./classification.js";
import { deny } from "./denied.js";
import {
  BuiltinModule,
  type Internal,
  internalBinding,
  primordials,
  replaceRealmLoader,
  requireBuiltin,
} from "./internals.js";
import { transferFilesByDescriptor } from "./worker/transferred-files.js";

const {
  ArrayPrototypePush,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectPrototypeHasOwnProperty,
  String: toText,
  StringPrototypeSplit,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = primordials;

/** Our members for one binding, or what makes them when the binding is first loaded. */
export type Replacement = Record<string, Internal> | (() => Record<string, Internal>);

/** The binding that V8's own helpers come in; not even Node's tests get to see it. */
const v8Internals = "internal_only_v8";

const filePromises = "internal/fs/promises";

/** How `process.moduleLoadList` names a binding. */
const bindingEntry = "Internal Binding ";

function names(list: string | undefined): string[] {
  return list === undefined ? [] : StringPrototypeSplit(list, " ");
}

/**
 * Puts what is ours in the place of what is classified as replaced or denied.
 *
 * The binding's object stays, since modules that were loaded while booting hold it, and Node's loader
 * would hand out a new native one for it; what is native of the changed members is gone from it.
 */
export class BindingSwap {
  readonly #replacements: Record<string, Replacement>;
  readonly #changed: Record<string, true> = { __proto__: null as never };

  constructor(replacements: Record<string, Replacement>) {
    this.#replacements = replacements;
  }

  /** A binding with everything in its place. The first call for a name makes the changes. */
  readonly load = (name: string): Internal => {
    if (name === v8Internals) return { queryObjects };
    const binding = internalBinding(name);
    if (this.#changed[name] !== true) {
      this.#changed[name] = true;
      this.#change(name, binding);
    }
    return binding;
  };

  #change(name: string, binding: Record<string, Internal>): void {
    if (!ObjectPrototypeHasOwnProperty(changedNatives, name)) return;
    const natives = changedNatives[name] as ChangedNatives;
    const offered = this.#replacements[name];
    const ours = typeof offered === "function" ? offered() : offered;
    const replaced = names(natives.replaced);
    for (let i = 0; i < replaced.length; i++) {
      const key = replaced[i] as string;
      if (ours === undefined || !ObjectPrototypeHasOwnProperty(ours, key))
        throw new TypeError(`Nothing replaces ${name}.${key}`);
      put(binding, key, ours[key]);
    }
    const denied = names(natives.denied);
    for (let i = 0; i < denied.length; i++) {
      const key = denied[i] as string;
      const own = ours !== undefined && ObjectPrototypeHasOwnProperty(ours, key);
      put(binding, key, own ? ours[key] : deny(`${name}.${key}`));
    }
  }

  /** Changes the bindings that are loaded already, and those of the list. */
  changeLoaded(process: NodeJS.Process, eager: readonly string[]): void {
    const loadList: string[] = (process as Internal).moduleLoadList;
    for (let i = 0; i < loadList.length; i++) {
      const entry = loadList[i] as string;
      if (StringPrototypeStartsWith(entry, bindingEntry))
        this.load(StringPrototypeSlice(entry, bindingEntry.length));
    }
    for (let i = 0; i < eager.length; i++) this.load(eager[i] as string);
  }

  /**
   * From now on built-in modules that are loaded for the first time get their bindings through `load`,
   * and so does `process.binding`, which knows fewer names.
   */
  takeOver(process: NodeJS.Process): void {
    const { load } = this;
    replaceRealmLoader(load);
    const { compileFunction } = internalBinding("builtins");
    const loadList: string[] = (process as Internal).moduleLoadList;

    function requireFromDependencies(request: string): Internal {
      if (StringPrototypeStartsWith(request, "node:"))
        return requireBuiltin(StringPrototypeSlice(request, 5));
      return requireBuiltin(
        primordials.MapPrototypeHas(BuiltinModule.map, request) ? request : `internal/deps/${request}`,
      );
    }

    // Node's own method, but for the loader of bindings.
    BuiltinModule.prototype.compileForInternalLoader = function compileForInternalLoader(): Internal {
      if (this.loaded || this.loading) return this.exports;
      const { id } = this;
      this.loading = true;
      try {
        const requireFunction = StringPrototypeStartsWith(id, "internal/deps/")
          ? requireFromDependencies
          : requireBuiltin;
        compileFunction(id)(this.exports, requireFunction, this, process, load, primordials);
        if (id === filePromises) transferFilesByDescriptor(this.exports);
        this.loaded = true;
      } finally {
        this.loading = false;
      }
      ArrayPrototypePush(loadList, `NativeModule ${id}`);
      return this.exports;
    };

    const nodeBinding = (process as Internal).binding;
    (process as Internal).binding = function binding(module: unknown): Internal {
      // Once: an object could give another name the second time.
      const name: string = toText(module);
      const found = FunctionPrototypeCall(nodeBinding, process, name);
      if (ObjectPrototypeHasOwnProperty(changedNatives, name)) load(name);
      return found;
    };
  }
}

function put(binding: Record<string, Internal>, key: string, value: Internal): void {
  ObjectDefineProperty(binding, key, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  });
}
