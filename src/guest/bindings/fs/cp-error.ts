/** The errors of `fs.cp`, which stem from the C++ standard library. */
import type { Path } from "../../../disk/types.js";
import { toPath } from "./byte-path.js";
import { errorText } from "./error-text.js";
import { codedError, errnoException, type Native, uvException } from "./errors.js";

/** Makes the exception for the function that fails, or for a callback. */
export type CpError = (from: Native | undefined) => Error;

/** `result` is a negative errno, or 0 for a failure without one. */
export function standardError(result: number, syscall: string, bytePath: string): CpError {
  return (from) => errnoException(from, -result, syscall, errorText(-result), toPath(bytePath));
}

export function systemError(result: number, syscall: string, bytePath: string, dest?: Path): CpError {
  return (from) => uvException(from, result, syscall, toPath(bytePath), dest);
}

export function cpError(code: string, message: string): CpError {
  return (from) => codedError(from, Error, code, message);
}
