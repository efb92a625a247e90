/** The errors of `fs.cp`, which stem from the C++ standard library. */
import type { Path } from "../../../disk/types.js";
import { primordials } from "../../internals.js";
import { toPath } from "./byte-path.js";
import { errorText } from "./error-text.js";
import { codedError, errnoException, type Native, uvException } from "./errors.js";

const { ObjectDefineProperty } = primordials;

/** Makes the exception for the function that fails, or for a callback. */
export interface CpError {
  (from: Native | undefined): Error;
  /** Where a pipe was to be copied to, which Node's JavaScript has an exception of its own for. */
  readonly pipe?: string;
}

/** `result` is a negative errno, or 0 for a failure without one. */
export function standardError(result: number, syscall: string, bytePath: string): CpError {
  return (from) => errnoException(from, -result, syscall, errorText(-result), toPath(bytePath));
}

export function systemError(result: number, syscall: string, bytePath: string, dest?: Path): CpError {
  return (from) => uvException(from, result, syscall, toPath(bytePath), dest);
}

/** A pipe can't be copied. */
export function pipeError(path: string): CpError {
  const error = (from: Native | undefined) =>
    codedError(from, "Error", "ERR_FS_CP_FIFO_PIPE", `Cannot copy a FIFO pipe: ${path}`);
  return ObjectDefineProperty(error, "pipe", { __proto__: null, value: path });
}

export function cpError(code: string, message: string): CpError {
  return (from) => codedError(from, "Error", code, message);
}
