import { O_RDONLY, S_IFMT, S_IFREG } from "../../../disk/modes.js";
import type { Path } from "../../../disk/types.js";
import { TypedArrayPrototypeGetLength, TypedArrayPrototypeSet } from "../../../primordials/primordials.js";
import { EFBIG, EISDIR, EREMOTE } from "../../../syscall/errno.js";
import type { OpenFiles } from "../../files.js";
import { complete, Operation } from "../completions.js";
import { bytesOf, checkInteger, checkNumber, checkPath } from "./arguments.js";
import type { FsContext } from "./context.js";
import { copyToBuffer, newBuffer } from "./encoding.js";
import { uvException } from "./errors.js";
import { type Content, type Failure, readToEnd } from "./whole-file.js";
import { writingParts } from "./write.js";

const smallBytes = 64 * 1024;
const STREAM_CHUNK = 64 * 1024;
const Doubles = Float64Array;
const stats = new Doubles(18);

/** A job class of the binding. */
export type JobClass = new (...args: never[]) => object;

/** What Node's JavaScript sets on a job. */
interface Job {
  ondone?: (...args: unknown[]) => void;
}

/** Tells a job's owner how it ended, on a later turn of the loop. */
export function finishJob(job: Job, operation: Operation, deliver: (job: Required<Job>) => void): void {
  complete(operation, job, () => {
    if (typeof job.ondone === "function") deliver(job as Required<Job>);
  });
}

/** `ReadFileJob`: a whole file up to a limit, or the opened file when it is larger. */
export function readFileJob({ disk, files }: FsContext): JobClass {
  return class ReadFileJob implements Job {
    declare ondone?: (...args: unknown[]) => void;
    readonly #operation: Operation;
    readonly #path: Path;
    readonly #flags: number;
    readonly #limit: number;

    constructor(path: unknown, flags: unknown, limit: unknown) {
      this.#path = checkPath(ReadFileJob, path);
      this.#flags = checkInteger(ReadFileJob, flags, "flags");
      this.#limit = checkNumber(ReadFileJob, limit, "limit");
      this.#operation = new Operation("FSREQCALLBACK", this);
    }

    getAsyncId(): number {
      return this.#operation.asyncId;
    }

    run(): void {
      if (this.#flags === O_RDONLY && this.#limit >= smallBytes && files.hasRoom(1)) {
        const length = disk.readSmall(this.#path, this.#flags, smallBytes);
        if (length >= 0) {
          this.#done(copyToBuffer(disk.result, 0, length));
          return;
        }
        if (length !== -EFBIG && length !== -EREMOTE) {
          this.#fail(length, length === -EISDIR ? "read" : "open");
          return;
        }
      }
      beginLater(files, this.#path, this.#flags, 0o666, (fd) => this.#readOpened(fd));
    }

    #readOpened(fd: number): void {
      if (fd < 0) {
        this.#fail(fd, "open");
        return;
      }
      const found = files.fstat(fd, stats);
      const regular = found >= 0 && ((stats[1] as number) & S_IFMT) === S_IFREG;
      const size = regular ? (stats[8] as number) : 0;
      if (size > this.#limit) {
        finishJob(this, this.#operation, (job) => job.ondone(null, undefined, fd, size, undefined));
        return;
      }
      if (regular)
        this.#close(
          fd,
          readToEnd((bytes, offset, length) => files.read(fd, bytes, offset, length, -1), size),
        );
      else readStream(files, fd, (content) => this.#close(fd, content));
    }

    #close(fd: number, content: Content | Failure): void {
      files.close(fd);
      if ("bytes" in content) this.#done(copyToBuffer(content.bytes, 0, content.length));
      else this.#fail(content.errno, content.syscall);
    }

    #done(buffer: Uint8Array): void {
      finishJob(this, this.#operation, (job) => job.ondone(null, buffer, -1, undefined, undefined));
    }

    #fail(errno: number, syscall: string): void {
      const error = uvException(undefined, errno, syscall, this.#path);
      finishJob(this, this.#operation, (job) => job.ondone(error, undefined, -1, undefined, undefined));
    }
  };
}

/** `WriteFileJob`: opens, writes a whole buffer and closes. */
export function writeFileJob({ files }: FsContext): JobClass {
  return class WriteFileJob implements Job {
    declare ondone?: (...args: unknown[]) => void;
    readonly #operation: Operation;
    readonly #path: Path;
    readonly #flags: number;
    readonly #mode: number;
    readonly #bytes: Uint8Array;

    constructor(path: unknown, flags: unknown, mode: unknown, data: unknown) {
      this.#path = checkPath(WriteFileJob, path);
      this.#flags = checkInteger(WriteFileJob, flags, "flags");
      this.#mode = checkInteger(WriteFileJob, mode, "mode");
      this.#bytes = bytesOf(WriteFileJob, data, "data");
      this.#operation = new Operation("FSREQCALLBACK", this);
    }

    getAsyncId(): number {
      return this.#operation.asyncId;
    }

    run(): void {
      beginLater(files, this.#path, this.#flags, this.#mode, (fd) => this.#writeOpened(fd));
    }

    #writeOpened(fd: number): void {
      if (fd < 0) {
        this.#done(fd, "open");
        return;
      }
      const bytes = this.#bytes;
      const attempt = writingParts(files, fd, bytes, 0, TypedArrayPrototypeGetLength(bytes), -1);
      files.later(attempt, (result) => {
        files.close(fd);
        this.#done(result, "write");
      });
    }

    #done(result: number, syscall: string): void {
      if (result >= 0) {
        finishJob(this, this.#operation, (job) => job.ondone(null));
        return;
      }
      const error = uvException(undefined, result, syscall, syscall === "open" ? this.#path : undefined);
      finishJob(this, this.#operation, (job) => job.ondone(error));
    }
  };
}

/** Opens without stopping the thread where there is somebody to wait for; `done` gets a descriptor. */
function beginLater(
  files: OpenFiles,
  path: Path,
  flags: number,
  mode: number,
  done: (fd: number) => void,
): void {
  const fd = files.begin(path, flags, mode);
  if (!files.isOpening(fd)) done(fd);
  else
    files.later(
      () => files.opened(fd),
      (result) => done(result < 0 ? result : fd),
    );
}

/** Reads what is no regular file to its end, without stopping the thread where there is nothing to read yet. */
function readStream(files: OpenFiles, fd: number, done: (content: Content | Failure) => void): void {
  let bytes = newBuffer(STREAM_CHUNK);
  let length = 0;
  const add = (count: number): void => {
    length += count;
    if (length < TypedArrayPrototypeGetLength(bytes)) return;
    const grown = newBuffer(length * 2);
    TypedArrayPrototypeSet(grown, bytes, 0);
    bytes = grown;
  };
  const room = (): number => TypedArrayPrototypeGetLength(bytes) - length;
  const end = (result: number): void =>
    done(result < 0 ? { errno: result, syscall: "read" } : { bytes, length });
  const attempt = (): number => {
    for (;;) {
      const count = files.readNow(fd, bytes, length, room(), -1);
      if (count <= 0) return count;
      add(count);
    }
  };
  files.later(attempt, end);
}
