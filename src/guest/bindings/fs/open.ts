import type { Path } from "../../../disk/types.js";
import { checkFd, checkInteger, checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { uvException } from "./errors.js";
import type { FileHandleClass } from "./file-handle.js";
import { finish } from "./names.js";
import { begin, fail, isAsync, type Request, succeed } from "./request.js";

/** Where a function leaves its error for Node's JavaScript to throw. */
export interface ErrorContext {
  errno?: number;
  syscall?: string;
}

/** `open`, `openFileHandle`, `close` and what else concerns an open file as a whole. */
export function openFunctions({ env, files }: FsContext, FileHandle: FileHandleClass): BindingFunctions {
  function open(path: unknown, flags: unknown, mode: unknown, request?: Request): unknown {
    const name = typeof path === "string" ? path : checkPath(open, path);
    const bits = checkInteger(open, flags, "flags");
    const permissions = checkInteger(open, mode, "mode");
    if (isAsync(request)) return openLater(request, name, bits, permissions, unmanaged);
    const fd = files.open(name, bits, permissions);
    if (fd < 0) throw uvException(open, fd, "open", name);
    return unmanaged(fd);
  }

  function unmanaged(fd: number): number {
    env.unmanaged.opened(fd);
    return fd;
  }

  /** Opens without stopping the thread where there is somebody to wait for. */
  function openLater(
    request: Request,
    path: Path,
    flags: number,
    mode: number,
    wrap: (fd: number) => unknown,
  ): unknown {
    const fd = files.begin(path, flags, mode);
    if (fd < 0) return fail(request, uvException(undefined, fd, "open", path));
    if (!files.isOpening(fd)) return succeed(request, wrap(fd));
    const pending = begin(request);
    files.later(
      () => files.opened(fd),
      (result) => {
        if (result >= 0) pending.settle(false, wrap(fd));
        else pending.settle(true, uvException(undefined, result, "open", path));
      },
    );
    return pending.answer;
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
    if (isAsync(request)) {
      return openLater(request, name, flags, mode, (fd) => new FileHandle(fd, undefined, undefined, name));
    }
    const fd = files.open(name, flags, mode);
    if (fd >= 0) return new FileHandle(fd, undefined, undefined, name);
    if (context === undefined) throw uvException(openFileHandle, fd, "open", name);
    context.errno = fd;
    context.syscall = "open";
    return undefined;
  }

  function close(fdArgument: unknown, request?: Request): unknown {
    const fd = checkFd(close, fdArgument);
    const result = files.close(fd);
    if (result >= 0) env.unmanaged.closed(fd);
    return finish(close, request, result, "close");
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
