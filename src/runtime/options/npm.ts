import { fileURLToPath } from "node:url";
import { ContentCache } from "../npm/content-cache.js";
import { checkInteger, checkText, readFields, refuse } from "./checks.js";

/** How guests have npm. */
export interface NpmOptions {
  /**
   * A directory of this computer, made when it is missing, in which the contents of packages are kept that
   * `rt.npm.install()` has fetched. Runtimes with the same one share them, whoever they belong to: guests can read
   * all that is in it. Default: none.
   */
  cache?: string | URL | undefined;
  /** Bytes of the cache, beyond which nothing more is kept: 0 to 1 TiB. Default 1 GiB. */
  cacheBytes?: number | undefined;
}

const DEFAULT_BYTES = 1024 ** 3;
const MAX_BYTES = 1024 ** 4;

/** npm as a runtime has it. */
export interface ResolvedNpm {
  cache: ContentCache | undefined;
  /** Whether somebody asked for it. */
  wanted: boolean;
}

/** Null where there is to be no npm. Throws InvalidOptionError. */
export function checkNpm(value: unknown): ResolvedNpm | null {
  if (value === false) return null;
  const { cache, cacheBytes } = readFields(value, "npm", ["cache", "cacheBytes"], "npm.");
  const bytes =
    cacheBytes === undefined
      ? DEFAULT_BYTES
      : checkInteger(cacheBytes, "npm.cacheBytes", { min: 0, max: MAX_BYTES, unit: "bytes" });
  const wanted = value !== undefined;
  if (cache === undefined) return { cache, wanted };
  const path = cache instanceof URL && cache.protocol === "file:" ? fileURLToPath(cache) : cache;
  const text = checkText(path, "npm.cache");
  if (text === "") refuse("npm.cache", "the path of a directory", cache);
  return { cache: new ContentCache(text, bytes), wanted };
}
