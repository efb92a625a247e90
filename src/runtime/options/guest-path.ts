import { posix } from "node:path";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import { describe, refuse } from "./checks.js";

/** Linux's PATH_MAX without the NUL that ends a path, in bytes. */
const MAX_PATH_BYTES = 4095;
/** Linux's NAME_MAX, in bytes. */
const MAX_NAME_BYTES = 255;

/**
 * An absolute path in the guest. A relative one is refused: the host's working directory has no meaning
 * in the guest, and the guest's own differs from call to call.
 */
export function checkGuestPath(value: unknown, key: string): string {
  if (typeof value !== "string") refuse(key, "an absolute path in the guest, as a string", value);
  if (value.includes("\0")) refuse(key, "a path without NUL characters", value);
  if (!value.startsWith("/")) {
    throw new InvalidOptionError({
      key,
      expected: "an absolute path in the guest, such as /home/user/a.txt",
      received: describe(value),
    });
  }
  if (Buffer.byteLength(value) > MAX_PATH_BYTES) {
    refuse(key, `a path of at most ${MAX_PATH_BYTES} bytes`, value);
  }
  for (const name of value.split("/")) {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      refuse(key, `a path whose names have at most ${MAX_NAME_BYTES} bytes each`, value);
    }
  }
  return value;
}

/** What a symbolic link says: any path, also a relative one and one that leads nowhere. */
export function checkLinkTarget(value: unknown, key: string): string {
  if (typeof value !== "string" || value === "" || value.includes("\0")) {
    refuse(key, "a path, as a string without NUL characters", value);
  }
  if (Buffer.byteLength(value) > MAX_PATH_BYTES) {
    refuse(key, `a path of at most ${MAX_PATH_BYTES} bytes`, value);
  }
  return value;
}

/** The path of a file to be made: normal, and not one that can only be a directory. */
export function checkFilePath(value: unknown, key: string): string {
  const path = checkGuestPath(value, key);
  const normal = posix.normalize(path);
  if (normal.endsWith("/") || path.endsWith("/..") || path.endsWith("/.")) {
    refuse(key, "the path of a file, not of a directory", value);
  }
  return normal;
}
