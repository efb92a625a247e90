import type { Path } from "../../../disk/types.js";
import { EMFILE } from "../../../syscall/errno.js";
import { checkFileMode, checkPath } from "./arguments.js";
import type { BindingFunction, BindingFunctions, FsContext } from "./context.js";
import { decode, parseEncoding } from "./encoding.js";
import { uvException } from "./errors.js";
import { fail, isAsync, type Request, succeed } from "./request.js";

/** Ends a function that answers nothing: at once or by its request. */
export function finish(
  from: BindingFunction,
  request: Request,
  result: number,
  syscall: string,
  path?: Path,
  dest?: Path,
): unknown {
  if (!isAsync(request)) {
    if (result < 0) throw uvException(from, result, syscall, path, dest);
    return undefined;
  }
  if (result < 0) return fail(request, uvException(undefined, result, syscall, path, dest));
  return succeed(request);
}

/** What changes or reads names: links of both kinds, `rename`, `unlink`, `rmdir`, `realpath`, `copyFile`. */
export function nameFunctions({ disk, files }: FsContext): BindingFunctions {
  function rename(from: unknown, to: unknown, request?: Request): unknown {
    const source = checkPath(rename, from);
    const target = checkPath(rename, to);
    return finish(rename, request, disk.rename(source, target), "rename", source, target);
  }

  function link(from: unknown, to: unknown, request?: Request): unknown {
    const source = checkPath(link, from);
    const target = checkPath(link, to);
    return finish(link, request, disk.link(source, target), "link", source, target);
  }

  function symlink(to: unknown, path: unknown, _flags: unknown, request?: Request): unknown {
    const target = checkPath(symlink, to, "target");
    const name = checkPath(symlink, path);
    return finish(symlink, request, disk.symlink(target, name), "symlink", target, name);
  }

  function unlink(path: unknown, request?: Request): unknown {
    const name = checkPath(unlink, path);
    return finish(unlink, request, disk.unlink(name), "unlink", name);
  }

  function rmdir(path: unknown, request?: Request): unknown {
    const name = checkPath(rmdir, path);
    return finish(rmdir, request, disk.rmdir(name), "rmdir", name);
  }

  function copyFile(from: unknown, to: unknown, modeArgument: unknown, request?: Request): unknown {
    const mode = checkFileMode(copyFile, modeArgument);
    const source = checkPath(copyFile, from);
    const target = checkPath(copyFile, to);
    const result = files.hasRoom(2) ? disk.copyFile(source, target, mode) : -EMFILE;
    return finish(copyFile, request, result, "copyfile", source, target);
  }

  function readlink(path: unknown, encoding: unknown, request?: Request): unknown {
    const name = checkPath(readlink, path);
    return answerResult(readlink, request, disk.readlink(name), "readlink", name, encoding);
  }

  function realpath(path: unknown, encoding: unknown, request?: Request): unknown {
    const name = checkPath(realpath, path);
    return answerResult(realpath, request, disk.realpath(name), "realpath", name, encoding);
  }

  /** Answers the first bytes of the disk's result. */
  function answerResult(
    from: BindingFunction,
    request: Request,
    result: number,
    syscall: string,
    path: Path,
    encoding: unknown,
  ): unknown {
    if (result < 0) return finish(from, request, result, syscall, path);
    const text = decode(disk.result, 0, result, parseEncoding(encoding));
    return isAsync(request) ? succeed(request, text) : text;
  }

  return { rename, link, symlink, unlink, rmdir, copyFile, readlink, realpath };
}
