import { realpathSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import { describe, refuse } from "./checks.js";

/** A directory of the host that is to be mounted. */
export interface HostPath {
  /** Without links. */
  real: string;
  /** As the caller wrote it, but absolute. */
  given: string;
}

/** A directory of the host that is there and is not the root of everything. */
export function checkHostDirectory(value: unknown, key: string): HostPath {
  const given = value instanceof URL && value.protocol === "file:" ? fileURLToPath(value) : value;
  if (typeof given !== "string" || given === "" || given.includes("\0"))
    refuse(key, "the path of a directory of this computer", value);
  const { real, directory } = look(given, key, value);
  if (!directory) refused(key, value, "which is no directory");
  if (real === "/") refused(key, value, "which is all of this computer");
  return { real, given: isAbsolute(given) ? given.replace(/\/+$/, "") : resolve(given) };
}

function look(path: string, key: string, value: unknown): { real: string; directory: boolean } {
  try {
    const real = realpathSync(path);
    return { real, directory: statSync(real).isDirectory() };
  } catch (cause) {
    const { code } = cause as { code?: string };
    const reason =
      code === "ENOENT"
        ? "which isn't there"
        : code === "ENOTDIR"
          ? "which is no directory"
          : `which can't be read (${code})`;
    return refused(key, value, reason, cause);
  }
}

function refused(key: string, value: unknown, reason: string, cause?: unknown): never {
  throw new InvalidOptionError({
    key,
    expected: "the path of a directory of this computer",
    received: `${describe(value instanceof URL ? value.href : value)}, ${reason}`,
    cause,
  });
}
