/** URLs as Node's C++ takes them apart: without the `URL` class, which a guest may change. */
import { MathMin, StringPrototypeCharCodeAt } from "../../primordials/primordials.js";
import { internalBinding, primordials } from "../internals.js";
import { decodeBytePath, toBytePath } from "./fs/byte-path.js";
import { codedError, type Native } from "./fs/errors.js";

const { StringFromCharCode, StringPrototypeIncludes, StringPrototypeSlice } = primordials;
const binding = internalBinding("url");
/** Answers undefined for what is no URL, and leaves the rest in `urlComponents`. */
const parse: (input: string, base: string | undefined, raise: boolean) => string | undefined = binding.parse;
const components: Uint32Array = binding.urlComponents;

const omitted = 0xffffffff;
const slash = 0x2f;

export interface ParsedUrl {
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}

export function parseUrl(input: string, base?: string): ParsedUrl | undefined {
  const href = parse(input, base, false);
  if (href === undefined) return undefined;
  const at = (index: number) => components[index] as number;
  const search = at(6) === omitted ? href.length : at(6);
  const hash = at(7) === omitted ? href.length : at(7);
  const host: string = StringPrototypeSlice(href, at(2), at(3));
  return {
    href,
    protocol: StringPrototypeSlice(href, 0, at(0)),
    host: host[0] === "@" ? StringPrototypeSlice(host, 1) : host,
    pathname: StringPrototypeSlice(href, at(5), MathMin(search, hash)),
  };
}

/** The path that a `file:` URL names, undefined for one that names none. */
export function pathOfUrl(url: ParsedUrl): string | undefined {
  return url.protocol === "file:" && url.host === "" ? decodePathname(url.pathname) : undefined;
}

/** The same, with the error that C++ throws. */
export function fileUrlToPath(from: Native, url: ParsedUrl): string {
  if (url.protocol !== "file:") {
    throw codedError(from, "TypeError", "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file:");
  }
  if (url.host !== "") {
    const message = 'File URL host must be "localhost" or empty on linux';
    throw codedError(from, "TypeError", "ERR_INVALID_FILE_URL_HOST", message);
  }
  const path = decodePathname(url.pathname);
  if (path !== undefined) return path;
  const message = "File URL path must not include encoded / characters";
  throw codedError(from, "TypeError", "ERR_INVALID_FILE_URL_PATH", message);
}

/** Undefined when a slash is encoded, which would not be one in the path. */
function decodePathname(pathname: string): string | undefined {
  if (!StringPrototypeIncludes(pathname, "%")) return pathname;
  let bytes = "";
  for (let i = 0; i < pathname.length; i++) {
    const value = pathname[i] === "%" ? hexByte(pathname, i + 1) : -1;
    if (value === slash) return undefined;
    if (value >= 0) {
      bytes += StringFromCharCode(value);
      i += 2;
    } else {
      bytes += toBytePath(pathname[i] as string);
    }
  }
  return decodeBytePath(bytes, "utf8") as string;
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text, at);
  const low = hexDigit(text, at + 1);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(text: string, at: number): number {
  if (at >= text.length) return -1;
  const code = StringPrototypeCharCodeAt(text, at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}
