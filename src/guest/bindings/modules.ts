/** The `modules` binding: `package.json` files as Node's loaders want them. */
import type { Disk } from "../../disk/disk.js";
import { O_RDONLY } from "../../disk/modes.js";
import { EFBIG } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, type Internal, internalBinding, primordials } from "../internals.js";
import { type ParsedUrl, parseUrl, pathOfUrl } from "./file-url.js";
import { joinPath, parentPath } from "./fs/byte-path.js";
import { part, utf8Slice } from "./fs/encoding.js";
import { codedError, invalidArgument, type Native } from "./fs/errors.js";
import { readWhole } from "./fs/whole-file.js";

const { MapPrototypeGet, MapPrototypeSet, SafeMap, StringPrototypeEndsWith } = primordials;
const { isUtf8 } = internalBinding("buffer");
const binding = internalBinding("modules");
/** Node's own parser, which takes text and no path to open. */
const parsePackageJSON: (...args: unknown[]) => PackageTuple = binding["parsePackageJSON"];
const compileCacheDisabled = 3;

const smallBytes = 64 * 1024;

/** Name, main, type, imports, exports and path, as Node's JavaScript takes them apart. */
type PackageTuple = readonly [unknown, unknown, string, unknown, unknown, string];

/** What an invalid file's error mentions beside the file. */
interface Importing {
  readonly base: string | undefined;
  readonly specifier: string;
}

/** The members of the binding that read files or would write a cache. */
export function modulesBinding({ disk }: GuestEnv): Record<string, Internal> {
  // As in Node, a file that was found counts for the life of the thread.
  const known: Map<string, PackageTuple> = new SafeMap();

  function load(from: Native, path: string, importing?: Importing): PackageTuple | undefined {
    const cached: PackageTuple | undefined = MapPrototypeGet(known, path);
    if (cached !== undefined) return copy(cached);
    const text = readText(disk, path);
    if (text === undefined) return undefined;
    const tuple = parse(from, text, path, importing);
    MapPrototypeSet(known, path, tuple);
    return copy(tuple);
  }

  function readPackageJSON(path: unknown, isESM?: unknown, base?: unknown, specifier?: unknown): unknown {
    if (typeof path !== "string") throw invalidArgument(readPackageJSON, "path");
    if (isESM !== true || typeof specifier !== "string") return load(readPackageJSON, path);
    return load(readPackageJSON, path, { base: typeof base === "string" ? base : undefined, specifier });
  }

  /** The file of the nearest directory above a path, up to a `node_modules` and not in the root. */
  function nearest(from: Native, path: string): PackageTuple | undefined {
    let directory = parentPath(path);
    while (parentPath(directory) !== directory) {
      if (StringPrototypeEndsWith(directory, "/node_modules")) return undefined;
      const found = load(from, joinPath(directory, "package.json"));
      if (found !== undefined) return found;
      directory = parentPath(directory);
    }
    return undefined;
  }

  function getNearestParentPackageJSON(path: unknown): PackageTuple | undefined {
    if (typeof path !== "string") throw invalidArgument(getNearestParentPackageJSON, "path");
    return nearest(getNearestParentPackageJSON, path);
  }

  function getNearestParentPackageJSONType(path: unknown): string | undefined {
    if (typeof path !== "string") throw invalidArgument(getNearestParentPackageJSONType, "path");
    return nearest(getNearestParentPackageJSONType, path)?.[2];
  }

  /** The nearest file above a URL; its path where it would be last when there is none. */
  function scope(from: Native, resolved: unknown): PackageTuple | string {
    if (typeof resolved !== "string") throw invalidArgument(from, "resolved");
    if (parseUrl(resolved) === undefined) throw invalidUrl(from, resolved);
    let url = parseUrl("./package.json", resolved);
    if (url === undefined) throw invalidUrl(from, "./package.json", resolved);
    while (!StringPrototypeEndsWith(url.pathname, "/node_modules/package.json")) {
      const found = load(from, pathOrThrow(from, url, resolved));
      if (found !== undefined) return found;
      const above: ParsedUrl | undefined = parseUrl("../package.json", url.href);
      if (above === undefined || above.pathname === url.pathname) break;
      url = above;
    }
    return pathOrThrow(from, url, resolved);
  }

  function getPackageScopeConfig(resolved: unknown): PackageTuple | string {
    return scope(getPackageScopeConfig, resolved);
  }

  function getPackageType(resolved: unknown): string | undefined {
    const found = scope(getPackageType, resolved);
    return typeof found === "string" ? undefined : found[2];
  }

  return {
    readPackageJSON,
    getNearestParentPackageJSON,
    getNearestParentPackageJSONType,
    getPackageScopeConfig,
    getPackageType,
    // The cache is native code that writes files by itself.
    enableCompileCache: () => [compileCacheDisabled],
    getCompileCacheDir: () => undefined,
    flushCompileCache: () => undefined,
    getCompileCacheEntry: () => undefined,
    saveCompileCacheEntry: () => undefined,
  };
}

/** Node's parser throws from within these frames; the error is to begin at the caller of `from`. */
function parse(from: Native, text: string, path: string, importing?: Importing): PackageTuple {
  try {
    return importing === undefined
      ? parsePackageJSON(text, path)
      : parsePackageJSON(text, path, true, importing.base, importing.specifier);
  } catch (error) {
    hideFrames(error as Error, from);
    throw error;
  }
}

function copy(tuple: PackageTuple): PackageTuple {
  return [tuple[0], tuple[1], tuple[2], tuple[3], tuple[4], tuple[5]];
}

/** The file's text, undefined when it can't be read. What is no UTF-8 is no JSON either. */
function readText(disk: Disk, path: string): string | undefined {
  const length = disk.readSmall(path, O_RDONLY, smallBytes);
  if (length >= 0) return textOf(disk.result, length);
  if (length !== -EFBIG) return undefined;
  const content = readWhole(disk, path, O_RDONLY);
  return "bytes" in content ? textOf(content.bytes, content.length) : undefined;
}

function textOf(bytes: Uint8Array, length: number): string {
  return isUtf8(part(bytes, 0, length)) ? utf8Slice(bytes, 0, length) : "";
}

function pathOrThrow(from: Native, url: ParsedUrl, resolved: string): string {
  const path = pathOfUrl(url);
  if (path === undefined) throw invalidUrl(from, resolved);
  return path;
}

function invalidUrl(from: Native, input: string, base?: string): Error {
  const error = codedError(from, "TypeError", "ERR_INVALID_URL", "Invalid URL") as Error & {
    input: string;
    base: string;
  };
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}
