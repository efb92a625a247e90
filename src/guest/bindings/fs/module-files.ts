import { O_RDONLY } from "../../../disk/modes.js";
import { requireBuiltin } from "../../internals.js";
import { fileUrlToPath, parseUrl } from "../file-url.js";
import { checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { codedError, invalidArgument } from "./errors.js";

const resolve: (...parts: string[]) => string = requireBuiltin("path").posix.resolve;

const extensionlessJavaScript = 0;
const extensionlessWasm = 1;

/** What may follow the `main` of a package; the answer is an index in this list and the next. */
const afterMain = ["", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"];
/** What may follow `index` in a package whose `main` names nothing. */
const afterIndex = [".js", ".json", ".node"];

const Bytes = Uint8Array;

/** What Node's module loaders ask of the binding. */
export function moduleFunctions(
  { disk }: FsContext,
  internalModuleStat: (path: string) => number,
): BindingFunctions {
  const magic = new Bytes(4);

  /** JavaScript, unless the file begins as WebAssembly does. */
  function getFormatOfExtensionlessFile(path: unknown): number {
    const file = disk.open(checkPath(getFormatOfExtensionlessFile, path), O_RDONLY, 0);
    if (file < 0) return extensionlessJavaScript;
    const count = disk.read(file, magic, 0, 4, 0);
    disk.close(file);
    const isWasm =
      count === 4 && magic[0] === 0 && magic[1] === 0x61 && magic[2] === 0x73 && magic[3] === 0x6d;
    return isWasm ? extensionlessWasm : extensionlessJavaScript;
  }

  /** The index of the first suffix that makes the path a file's, -1 when none does. */
  function findFile(path: string, suffixes: string[]): number {
    for (let i = 0; i < suffixes.length; i++) {
      if (internalModuleStat(path + (suffixes[i] as string)) === 0) return i;
    }
    return -1;
  }

  /** Which file is the main one of a package that has no `exports`. */
  function legacyMainResolve(packagePath: unknown, main: unknown, base: unknown): number {
    if (typeof packagePath !== "string") throw invalidArgument(legacyMainResolve, "path");
    const wanted = typeof main === "string" ? resolve(packagePath, main) : undefined;
    const byMain = wanted === undefined ? -1 : findFile(wanted, afterMain);
    if (byMain >= 0) return byMain;
    const index = resolve(packagePath, "./index");
    const byIndex = findFile(index, afterIndex);
    if (byIndex >= 0) return afterMain.length + byIndex;
    if (typeof base !== "string") {
      const message = 'The "base" argument must be of type string or an instance of URL.';
      throw codedError(legacyMainResolve, "TypeError", "ERR_INVALID_ARG_TYPE", message);
    }
    const url = parseUrl(base);
    if (url === undefined) throw codedError(legacyMainResolve, "TypeError", "ERR_INVALID_URL", "Invalid URL");
    const importer = fileUrlToPath(legacyMainResolve, url);
    const message = `Cannot find package '${wanted ?? `${index}.js`}' imported from ${importer}`;
    throw codedError(legacyMainResolve, "Error", "ERR_MODULE_NOT_FOUND", message);
  }

  return { getFormatOfExtensionlessFile, legacyMainResolve };
}
