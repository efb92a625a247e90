import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { ERESTARTSYS } from "../../../syscall/errno.js";
import type { OpenFiles } from "../../files.js";
import { bytesOf, checkFd, checkInteger, offsetOf } from "./arguments.js";
import type { BindingFunction, BindingFunctions, FsContext } from "./context.js";
import { encode, parseEncoding } from "./encoding.js";
import { invalidArgument } from "./errors.js";
import type { ErrorContext } from "./open.js";
import { countLater, finishCount, isWithin, viewsOf } from "./read.js";
import { isAsync, type Request } from "./request.js";

/** `writeBuffer`, `writeBuffers` and `writeString`. */
export function writeFunctions({ files }: FsContext): BindingFunctions {
  function writeBuffer(
    fdArgument: unknown,
    buffer: unknown,
    offsetArgument: unknown,
    lengthArgument: unknown,
    position: unknown,
    request?: Request,
    context?: ErrorContext,
  ): unknown {
    const fd = checkFd(writeBuffer, fdArgument);
    const bytes = bytesOf(writeBuffer, buffer, "buffer");
    const offset = checkInteger(writeBuffer, offsetArgument, "offset");
    const length = checkInteger(writeBuffer, lengthArgument, "length");
    if (!isWithin(bytes, offset, length)) throw invalidArgument(writeBuffer, "length");
    const from = offsetOf(position);
    if (isAsync(request)) {
      const attempt = writingParts(files, fd, bytes, offset, length, from);
      return countLater(files, writeBuffer, request, "write", attempt);
    }
    return finishWrite(writeBuffer, files.write(fd, bytes, offset, length, from), context);
  }

  function writeBuffers(
    fdArgument: unknown,
    list: unknown,
    positionArgument: unknown,
    request?: Request,
  ): unknown {
    const fd = checkFd(writeBuffers, fdArgument);
    const views = viewsOf(writeBuffers, list);
    const position = offsetOf(positionArgument);
    const attempt = writingViews(files, fd, views, position);
    if (isAsync(request)) return countLater(files, writeBuffers, request, "write", attempt);
    let result = attempt();
    for (; result === -ERESTARTSYS; result = attempt()) files.wait();
    return finishCount(writeBuffers, request, result, "write");
  }

  function writeString(
    fdArgument: unknown,
    text: unknown,
    position: unknown,
    encoding: unknown,
    request?: Request,
    context?: ErrorContext,
  ): unknown {
    const fd = checkFd(writeString, fdArgument);
    if (typeof text !== "string") throw invalidArgument(writeString, "buffer");
    const bytes = encode(text, parseEncoding(encoding));
    const length = TypedArrayPrototypeGetLength(bytes);
    const from = offsetOf(position);
    if (isAsync(request)) {
      const attempt = writingParts(files, fd, bytes, 0, length, from);
      return countLater(files, writeString, request, "write", attempt);
    }
    return finishWrite(writeString, files.write(fd, bytes, 0, length, from), context);
  }

  return { writeBuffer, writeBuffers, writeString };
}

const emptyBytes = new Uint8Array(0);

/** The synchronous form leaves its error in the context, when it was given one. */
function finishWrite(from: BindingFunction, result: number, context: ErrorContext | undefined): unknown {
  if (result >= 0 || context === undefined) return finishCount(from, undefined, result, "write");
  context.errno = result;
  context.syscall = "write";
  return result;
}

/**
 * A write that is asked for again until it answers something else than -ERESTARTSYS: what it has written
 * by then it doesn't write again.
 */
export function writingParts(
  files: OpenFiles,
  fd: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
): () => number {
  let done = 0;
  return () => {
    for (;;) {
      const from = position < 0 ? -1 : position + done;
      const count = files.writeNow(fd, bytes, offset + done, length - done, from);
      if (count === -ERESTARTSYS) return count;
      if (count < 0) return done > 0 ? done : count;
      done += count;
      if (done >= length) return done;
    }
  };
}

/** The same of one view after the other. */
function writingViews(files: OpenFiles, fd: number, views: Uint8Array[], position: number): () => number {
  if (views.length === 0) return () => files.writeNow(fd, emptyBytes, 0, 0, position);
  let total = 0;
  let index = 0;
  let part: (() => number) | undefined;
  return () => {
    for (; index < views.length; index++) {
      const bytes = views[index] as Uint8Array;
      const length = TypedArrayPrototypeGetLength(bytes);
      part ??= writingParts(files, fd, bytes, 0, length, position < 0 ? -1 : position + total);
      const count = part();
      if (count === -ERESTARTSYS) return count;
      if (count < 0) return total > 0 ? total : count;
      part = undefined;
      total += count;
      if (count < length) break;
    }
    index = views.length;
    return total;
  };
}
