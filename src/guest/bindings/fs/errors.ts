/**
 * Errors as Node's C++ makes them: their own properties in its order, and a stack that begins above the
 * native function.
 */
import type { Path } from "../../../disk/types.js";
import { internalBinding, primordials } from "../../internals.js";
import { decodeUtf8 } from "./encoding.js";

/** A function or class of a binding, as the place where its errors begin. */
// biome-ignore lint/suspicious/noExplicitAny: they differ in their arguments.
export type Native = ((...args: any[]) => unknown) | (new (...args: any[]) => object);

const { ErrorCaptureStackTrace, MapPrototypeGet } = primordials;
// A program can have put other classes in the place of the global ones.
const NodeError: ErrorConstructor = primordials.Error;
const NodeTypeError: TypeErrorConstructor = primordials.TypeError;
const NodeRangeError: RangeErrorConstructor = primordials.RangeError;

type ErrorKind = "Error" | "TypeError" | "RangeError";

function classOf(kind: ErrorKind): ErrorConstructor {
  if (kind === "TypeError") return NodeTypeError;
  return kind === "RangeError" ? NodeRangeError : NodeError;
}

const errorMap = internalBinding("uv").getErrorMap() as Map<number, readonly [string, string]>;

/** Never on the stack: an error captured from here has no frames, like one made on the event loop. */
function eventLoop(): void {
  throw new NodeTypeError("Not a function to call");
}

interface SystemError extends Error {
  errno: number;
  code: string;
  syscall: string;
  path: string;
  dest: string;
}

export function pathText(path: Path): string {
  return typeof path === "string" ? path : decodeUtf8(path);
}

/**
 * The error of a failed system call. `from` is the binding's function that answers with it, undefined
 * when the answer comes later.
 */
export function uvException(
  from: Native | undefined,
  errno: number,
  syscall: string,
  path?: Path,
  dest?: Path,
): Error {
  const known: readonly [string, string] | undefined = MapPrototypeGet(errorMap, errno);
  const code = known === undefined ? "UNKNOWN" : known[0];
  let message = `${code}: ${known === undefined ? "unknown error" : known[1]}, ${syscall}`;
  const pathString = path === undefined ? undefined : pathText(path);
  if (pathString !== undefined) message += ` '${pathString}'`;
  const destString = dest === undefined ? undefined : pathText(dest);
  if (destString !== undefined) message += ` -> '${destString}'`;
  const error = new NodeError(message) as SystemError;
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  if (pathString !== undefined) error.path = pathString;
  if (destString !== undefined) error.dest = destString;
  ErrorCaptureStackTrace(error, from ?? eventLoop);
  return error;
}

/** The error of a failed call of the C++ standard library. `errno` is positive. */
export function errnoException(
  from: Native | undefined,
  errno: number,
  syscall: string,
  text: string,
  path: Path,
): Error {
  const known: readonly [string, string] | undefined = MapPrototypeGet(errorMap, -errno);
  const code = known === undefined ? "" : known[0];
  const error = new NodeError(`${code}, ${text} '${pathText(path)}'`) as SystemError;
  error.errno = errno;
  error.code = code;
  error.path = pathText(path);
  error.syscall = syscall;
  ErrorCaptureStackTrace(error, from ?? eventLoop);
  return error;
}

/** An `ERR_…` error as C++ makes it: the code stands in the property, not in the stack. */
export function codedError(from: Native | undefined, kind: ErrorKind, code: string, message: string): Error {
  const ErrorClass = classOf(kind);
  const error = new ErrorClass(message) as SystemError;
  error.code = code;
  ErrorCaptureStackTrace(error, from ?? eventLoop);
  return error;
}

/** What a function answers with that Node's C++ would end the process for. */
export function invalidArgument(from: Native, name: string): Error {
  return codedError(from, "TypeError", "ERR_INVALID_ARG_TYPE", `The "${name}" argument is invalid`);
}
