import { checkFd, checkInteger, checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { uvException } from "./errors.js";
import type { FileHandleClass } from "./file-handle.js";
import { finish } from "./names.js";
import { fail, isAsync, type Request, succeed } from "./request.js";

/** Where a function leaves its error for Node's JavaScript to throw. */
export interface ErrorContext {
  errno?: number;
  syscall?: string;
}

/** `open`, `openFileHandle`, `close` and what else concerns an open file as a whole. */
export function openFunctions({ files }: FsContext, FileHandle: FileHandleClass): BindingFunctions {
  function open(path: unknown, flags: unknown, mode: unknown, request?: Request): unknown {
    const name = typeof path === "string" ? path : checkPath(open, path);
    const fd = files.open(name, checkInteger(open, flags, "flags"), checkInteger(open, mode, "mode"));
    if (!isAsync(request)) {
      if (fd < 0) throw uvException(open, fd, "open", name);
      return fd;
    }
    if (fd < 0) return fail(request, uvException(undefined, fd, "open", name));
    return succeed(request, fd);
  }

  function openFileHandle(
    path: unknown,
    flagsArgument: unknown,
    modeArgument: unknown,
    request?: Request,
    context?: ErrorContext,
  ): unknown {
    const name = checkPath(openFileHandle, path);
    const flags = checkInteger(openFileHandle, flagsArgument, "flags");
    const mode = checkInteger(openFileHandle, modeArgument, "mode");
    const fd = files.open(name, flags, mode);
    if (isAsync(request)) {
      if (fd < 0) return fail(request, uvException(undefined, fd, "open", name));
      return succeed(request, new FileHandle(fd, undefined, undefined, name));
    }
    if (fd >= 0) return new FileHandle(fd, undefined, undefined, name);
    if (context === undefined) throw uvException(openFileHandle, fd, "open", name);
    context.errno = fd;
    context.syscall = "open";
    return undefined;
  }

  function close(fdArgument: unknown, request?: Request): unknown {
    return finish(close, request, files.close(checkFd(close, fdArgument)), "close");
  }

  function ftruncate(fdArgument: unknown, length: unknown, request?: Request): unknown {
    const fd = checkFd(ftruncate, fdArgument);
    const result = files.truncate(fd, checkInteger(ftruncate, length, "len"));
    return finish(ftruncate, request, result, "ftruncate");
  }

  function fsync(fdArgument: unknown, request?: Request): unknown {
    return finish(fsync, request, files.sync(checkFd(fsync, fdArgument)), "fsync");
  }

  function fdatasync(fdArgument: unknown, request?: Request): unknown {
    return finish(fdatasync, request, files.sync(checkFd(fdatasync, fdArgument)), "fdatasync");
  }

  return { open, openFileHandle, close, ftruncate, fsync, fdatasync };
}
