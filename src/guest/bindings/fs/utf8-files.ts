import { O_RDONLY } from "../../../disk/modes.js";
import type { Path } from "../../../disk/types.js";
import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { EBADF, EFBIG, EISDIR, ENOSPC, EREMOTE } from "../../../syscall/errno.js";
import { checkInteger, checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { encodeUtf8, utf8Slice, utf8Write } from "./encoding.js";
import { invalidArgument, uvException } from "./errors.js";
import { type Content, type Failure, readToEnd, readWhole, writeAll, writeWhole } from "./whole-file.js";

const smallBytes = 64 * 1024;
/** Characters that surely fit, at up to three bytes each. */
const smallText = smallBytes / 3;
const Bytes = Uint8Array;

/** `readFileUtf8` and `writeFileUtf8`, where most reading and writing of whole files ends up. */
export function utf8FileFunctions({ disk, files }: FsContext): BindingFunctions {
  function readFileUtf8(pathOrFd: unknown, flagsArgument: unknown): string {
    if (typeof pathOrFd === "number") {
      return textOf(readToEnd((bytes, offset, length) => files.read(pathOrFd, bytes, offset, length, -1), 0));
    }
    const path = typeof pathOrFd === "string" ? pathOrFd : checkPath(readFileUtf8, pathOrFd);
    const flags = checkInteger(readFileUtf8, flagsArgument, "flags");
    if (flags === O_RDONLY && files.hasRoom(1)) {
      const length = disk.readSmall(path, flags, smallBytes);
      if (length >= 0) return utf8Slice(disk.result, 0, length);
      if (length !== -EFBIG && length !== -EREMOTE) throw readError(length, path);
    }
    return textOf(readWhole(files, path, flags), path);
  }

  function readError(errno: number, path: Path): Error {
    // A directory can be opened; it is the reading that fails.
    if (errno === -EISDIR) return uvException(readFileUtf8, errno, "read");
    return uvException(readFileUtf8, errno, "open", path);
  }

  function textOf(content: Content | Failure, path?: Path): string {
    if ("bytes" in content) return utf8Slice(content.bytes, 0, content.length);
    const { errno, syscall } = content;
    throw uvException(readFileUtf8, errno, syscall, syscall === "open" ? path : undefined);
  }

  const scratch = new Bytes(smallBytes);

  function writeFileUtf8(
    pathOrFd: unknown,
    text: unknown,
    flagsArgument: unknown,
    modeArgument: unknown,
  ): void {
    if (typeof text !== "string") throw invalidArgument(writeFileUtf8, "data");
    if (typeof pathOrFd === "number") {
      writeToFd(pathOrFd, encodeUtf8(text));
      return;
    }
    const path = typeof pathOrFd === "string" ? pathOrFd : checkPath(writeFileUtf8, pathOrFd);
    const flags = checkInteger(writeFileUtf8, flagsArgument, "flags");
    const mode = checkInteger(writeFileUtf8, modeArgument, "mode");
    if (text.length > smallText || !files.hasRoom(1)) {
      const bytes = encodeUtf8(text);
      const failure = writeWhole(files, path, flags, mode, bytes, TypedArrayPrototypeGetLength(bytes));
      if (failure !== undefined) throw writeError(failure.errno, failure.syscall, path);
      return;
    }
    writeShort(path, flags, mode, text);
  }

  function writeShort(path: Path, flags: number, mode: number, text: string): void {
    const result = disk.writeSmall(path, flags, mode, scratch, utf8Write(scratch, text, 0, smallBytes));
    if (result === -EREMOTE) {
      writeSpecial(path, flags, mode, text);
    } else if (result < 0) {
      throw writeError(result, isWritten(result, path) ? "write" : "open", path);
    }
  }

  /** Whether the file was opened, so that it was the writing that failed. */
  function isWritten(result: number, path: Path): boolean {
    // Without room for a file there is none.
    return result === -EFBIG || result === -EBADF || (result === -ENOSPC && disk.access(path, 0) === 0);
  }

  /** To what is no regular file. */
  function writeSpecial(path: Path, flags: number, mode: number, text: string): void {
    const fd = files.open(path, flags, mode);
    if (fd < 0) throw writeError(fd, "open", path);
    try {
      writeToFd(fd, encodeUtf8(text));
    } finally {
      files.close(fd);
    }
  }

  function writeToFd(fd: number, bytes: Uint8Array): void {
    const length = TypedArrayPrototypeGetLength(bytes);
    const result = writeAll(
      (source, offset, count) => files.write(fd, source, offset, count, -1),
      bytes,
      length,
    );
    if (result < 0) throw uvException(writeFileUtf8, result, "write");
  }

  function writeError(errno: number, syscall: string, path: Path): Error {
    return uvException(writeFileUtf8, errno, syscall, syscall === "open" ? path : undefined);
  }

  return { readFileUtf8, writeFileUtf8 };
}
