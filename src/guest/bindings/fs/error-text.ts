import {
  EACCES,
  EBUSY,
  EEXIST,
  EFBIG,
  EINVAL,
  EIO,
  EISDIR,
  ELOOP,
  EMFILE,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
} from "../../../syscall/errno.js";

/** The C library's words for an error. */
export function errorText(errno: number): string {
  switch (errno) {
    case 0:
      return "Success";
    case EACCES:
      return "Permission denied";
    case EBUSY:
      return "Device or resource busy";
    case EEXIST:
      return "File exists";
    case EROFS:
      return "Read-only file system";
    case EFBIG:
      return "File too large";
    case EINVAL:
      return "Invalid argument";
    case EIO:
      return "Input/output error";
    case EISDIR:
      return "Is a directory";
    case ELOOP:
      return "Too many levels of symbolic links";
    case EMFILE:
      return "Too many open files";
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
