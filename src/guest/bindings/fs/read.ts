import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { EINVAL } from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { bytesOf, checkFd, checkInteger, positionOf } from "./arguments.js";
import type { BindingFunction, BindingFunctions, FsContext } from "./context.js";
import { invalidArgument, uvException } from "./errors.js";
import { begin, fail, isAsync, type Request, succeed } from "./request.js";

const { ArrayIsArray, ArrayPrototypePush } = primordials;

/** Ends a function that answers a count of bytes. */
export function finishCount(
  from: BindingFunction,
  request: Request,
  result: number,
  syscall: string,
): unknown {
  if (!isAsync(request)) {
    if (result < 0) throw uvException(from, result, syscall);
    return result;
  }
  if (result < 0) return fail(request, uvException(undefined, result, syscall));
  return succeed(request, result);
}

/** Whether `length` bytes from `offset` on lie inside of the view. */
export function isWithin(bytes: Uint8Array, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= TypedArrayPrototypeGetLength(bytes);
}

/** The views of an array, as `readv` and `writev` take them. */
export function viewsOf(from: BindingFunction, list: unknown): Uint8Array[] {
  if (!ArrayIsArray(list)) throw invalidArgument(from, "buffers");
  const views: Uint8Array[] = [];
  for (let i = 0; i < (list as unknown[]).length; i++) {
    ArrayPrototypePush(views, bytesOf(from, (list as unknown[])[i], "buffers"));
  }
  return views;
}

/** `read` and `readBuffers`. */
export function readFunctions({ files }: FsContext): BindingFunctions {
  function read(
    fdArgument: unknown,
    buffer: unknown,
    offsetArgument: unknown,
    lengthArgument: unknown,
    position: unknown,
    request?: Request,
  ): unknown {
    const fd = checkFd(read, fdArgument);
    const bytes = bytesOf(read, buffer, "buffer");
    const offset = checkInteger(read, offsetArgument, "offset");
    const length = checkInteger(read, lengthArgument, "length");
    if (!isWithin(bytes, offset, length)) throw invalidArgument(read, "length");
    if (isAsync(request) && files.isStdin(fd)) return readLater(request, bytes, offset, length);
    return finishCount(read, request, files.read(fd, bytes, offset, length, positionOf(position)), "read");
  }

  function readBuffers(fdArgument: unknown, list: unknown, position: unknown, request?: Request): unknown {
    const fd = checkFd(readBuffers, fdArgument);
    const views = viewsOf(readBuffers, list);
    if (isAsync(request) && files.isStdin(fd) && views.length > 0) {
      const bytes = views[0] as Uint8Array;
      return readLater(request, bytes, 0, TypedArrayPrototypeGetLength(bytes));
    }
    return finishCount(readBuffers, request, readEach(fd, views, positionOf(position)), "read");
  }

  /** Fills one view after the other, until one is not filled. */
  function readEach(fd: number, views: Uint8Array[], position: number): number {
    if (views.length === 0) return -EINVAL;
    let total = 0;
    for (let i = 0; i < views.length; i++) {
      const bytes = views[i] as Uint8Array;
      const length = TypedArrayPrototypeGetLength(bytes);
      const count = files.read(fd, bytes, 0, length, position < 0 ? -1 : position + total);
      if (count < 0) return total > 0 ? total : count;
      total += count;
      if (count < length) break;
    }
    return total;
  }

  /** Waits for stdin without stopping the thread. */
  function readLater(request: Request, bytes: Uint8Array, offset: number, length: number): unknown {
    const pending = begin(request);
    files.readStdin(bytes, offset, length, (result) => {
      if (result < 0) pending.settle(true, uvException(undefined, result, "read"));
      else pending.settle(false, result);
    });
    return pending.answer;
  }

  return { read, readBuffers };
}
