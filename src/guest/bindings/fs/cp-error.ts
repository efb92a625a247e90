/** The errors of `fs.cp`, which stem from the C++ standard library. */
import type { Path } from "../../../disk/types.js";
import {
  EACCES,
  EEXIST,
  EFBIG,
  EINVAL,
  EISDIR,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
} from "../../../syscall/errno.js";
import { toPath } from "./byte-path.js";
import { codedError, errnoException, type Native, uvException } from "./errors.js";

/** Makes the exception for the function that fails, or for a callback. */
export type CpError = (from: Native | undefined) => Error;

/** The C library's words for an error. */
function errorText(errno: number): string {
  switch (errno) {
    case 0:
      return "Success";
    case EACCES:
      return "Permission denied";
    case EEXIST:
      return "File exists";
    case EFBIG:
      return "File too large";
    case EINVAL:
      return "Invalid argument";
    case EISDIR:
      return "Is a directory";
    case ELOOP:
      return "Too many levels of symbolic links";
    case ENAMETOOLONG:
      return "File name too long";
    case ENOENT:
      return "No such file or directory";
    case ENOSPC:
      return "No space left on device";
    case ENOTDIR:
      return "Not a directory";
    case ENOTEMPTY:
      return "Directory not empty";
    case EPERM:
      return "Operation not permitted";
    default:
      return `Unknown error ${errno}`;
  }
}

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
