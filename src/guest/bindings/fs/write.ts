import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { bytesOf, checkFd, checkInteger, positionOf } from "./arguments.js";
import type { BindingFunction, BindingFunctions, FsContext } from "./context.js";
import { encode, parseEncoding } from "./encoding.js";
import { invalidArgument } from "./errors.js";
import type { ErrorContext } from "./open.js";
import { finishCount, isWithin, viewsOf } from "./read.js";
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
    const result = files.write(fd, bytes, offset, length, positionOf(position));
    return finishWrite(writeBuffer, request, result, context);
  }

  function writeBuffers(
    fdArgument: unknown,
    list: unknown,
    positionArgument: unknown,
    request?: Request,
  ): unknown {
    const fd = checkFd(writeBuffers, fdArgument);
    const views = viewsOf(writeBuffers, list);
    const position = positionOf(positionArgument);
    let result = views.length === 0 ? files.write(fd, emptyBytes, 0, 0, position) : 0;
    for (let i = 0; i < views.length; i++) {
      const bytes = views[i] as Uint8Array;
      const length = TypedArrayPrototypeGetLength(bytes);
      const count = files.write(fd, bytes, 0, length, position < 0 ? -1 : position + result);
      if (count < 0) {
        if (result === 0) result = count;
        break;
      }
      result += count;
      if (count < length) break;
    }
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
    const result = files.write(fd, bytes, 0, TypedArrayPrototypeGetLength(bytes), positionOf(position));
    return finishWrite(writeString, request, result, context);
  }

  return { writeBuffer, writeBuffers, writeString };
}

const emptyBytes = new Uint8Array(0);

/** The synchronous form leaves its error in the context, when it was given one. */
function finishWrite(
  from: BindingFunction,
  request: Request,
  result: number,
  context: ErrorContext | undefined,
): unknown {
  if (isAsync(request) || result >= 0 || context === undefined) {
    return finishCount(from, request, result, "write");
  }
  context.errno = result;
  context.syscall = "write";
  return result;
}
