import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { EINVAL, ERESTARTSYS } from "../../../syscall/errno.js";
import type { OpenFiles } from "../../files.js";
import { primordials } from "../../internals.js";
import { bytesOf, checkFd, checkInteger, offsetOf, positionOf } from "./arguments.js";
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

/** The same for what may have to wait (-ERESTARTSYS), which only an asynchronous request does. */
export function countLater(
  files: OpenFiles,
  from: BindingFunction,
  request: Request,
  syscall: string,
  attempt: () => number,
): unknown {
  const result = attempt();
  if (result !== -ERESTARTSYS) return finishCount(from, request, result, syscall);
  const pending = begin(request);
  files.later(attempt, (count) => {
    if (count >= 0) pending.settle(false, count);
    else pending.settle(true, uvException(undefined, count, syscall));
  });
  return pending.answer;
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
    const from = positionOf(position);
    if (!isAsync(request)) {
      return finishCount(read, request, files.read(fd, bytes, offset, length, from), "read");
    }
    const attempt = () => files.readNow(fd, bytes, offset, length, from);
    return countLater(files, read, request, "read", attempt);
  }

  function readBuffers(fdArgument: unknown, list: unknown, position: unknown, request?: Request): unknown {
    const fd = checkFd(readBuffers, fdArgument);
    const views = viewsOf(readBuffers, list);
    const from = offsetOf(position);
    const first = isAsync(request) ? readNow : readWaiting;
    const attempt = () => readEach(fd, views, from, first);
    return countLater(files, readBuffers, request, "read", attempt);
  }

  type ReadPart = (fd: number, bytes: Uint8Array, length: number, position: number) => number;
  const readNow: ReadPart = (fd, bytes, length, position) => files.readNow(fd, bytes, 0, length, position);
  const readWaiting: ReadPart = (fd, bytes, length, position) => files.read(fd, bytes, 0, length, position);

  /** Fills one view after the other, until one is not filled. Only for the first there may be a wait. */
  function readEach(fd: number, views: Uint8Array[], position: number, readFirst: ReadPart): number {
    if (views.length === 0) return -EINVAL;
    let total = 0;
    for (let i = 0; i < views.length; i++) {
      const bytes = views[i] as Uint8Array;
      const length = TypedArrayPrototypeGetLength(bytes);
      const read = total === 0 ? readFirst : readNow;
      const count = read(fd, bytes, length, position < 0 ? -1 : position + total);
      if (count < 0) return total > 0 ? total : count;
      total += count;
      if (count < length) break;
    }
    return total;
  }

  return { read, readBuffers };
}
