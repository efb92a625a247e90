import { checkFd, checkInteger, checkNumber, checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { finish } from "./names.js";
import type { Request } from "./request.js";

/** Modes, owners and times. */
export function attributeFunctions({ disk, files }: FsContext): BindingFunctions {
  function chmod(path: unknown, mode: unknown, request?: Request): unknown {
    const name = checkPath(chmod, path);
    return finish(chmod, request, disk.chmod(name, checkInteger(chmod, mode, "mode")), "chmod", name);
  }

  function fchmod(fdArgument: unknown, mode: unknown, request?: Request): unknown {
    const fd = checkFd(fchmod, fdArgument);
    return finish(fchmod, request, files.chmod(fd, checkInteger(fchmod, mode, "mode")), "fchmod");
  }

  function chown(path: unknown, uid: unknown, gid: unknown, request?: Request): unknown {
    const name = checkPath(chown, path);
    const result = disk.chown(name, checkInteger(chown, uid, "uid"), checkInteger(chown, gid, "gid"));
    return finish(chown, request, result, "chown", name);
  }

  function lchown(path: unknown, uid: unknown, gid: unknown, request?: Request): unknown {
    const name = checkPath(lchown, path);
    const result = disk.lchown(name, checkInteger(lchown, uid, "uid"), checkInteger(lchown, gid, "gid"));
    return finish(lchown, request, result, "lchown", name);
  }

  function fchown(fdArgument: unknown, uid: unknown, gid: unknown, request?: Request): unknown {
    const fd = checkFd(fchown, fdArgument);
    const result = files.chown(fd, checkInteger(fchown, uid, "uid"), checkInteger(fchown, gid, "gid"));
    return finish(fchown, request, result, "fchown");
  }

  function utimes(path: unknown, atime: unknown, mtime: unknown, request?: Request): unknown {
    const name = checkPath(utimes, path);
    const accessed = checkNumber(utimes, atime, "atime");
    const modified = checkNumber(utimes, mtime, "mtime");
    return finish(utimes, request, disk.utimes(name, accessed, modified), "utime", name);
  }

  function lutimes(path: unknown, atime: unknown, mtime: unknown, request?: Request): unknown {
    const name = checkPath(lutimes, path);
    const accessed = checkNumber(lutimes, atime, "atime");
    const modified = checkNumber(lutimes, mtime, "mtime");
    return finish(lutimes, request, disk.lutimes(name, accessed, modified), "lutime", name);
  }

  function futimes(fdArgument: unknown, atime: unknown, mtime: unknown, request?: Request): unknown {
    const fd = checkFd(futimes, fdArgument);
    const accessed = checkNumber(futimes, atime, "atime");
    const modified = checkNumber(futimes, mtime, "mtime");
    return finish(futimes, request, files.utimes(fd, accessed, modified), "futime");
  }

  return { chmod, fchmod, chown, lchown, fchown, utimes, lutimes, futimes };
}
