import { O_RDONLY, S_IFMT, S_IFREG } from "../../../disk/modes.js";
import type { Path } from "../../../disk/types.js";
import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { EFBIG, EISDIR, ENOENT } from "../../../syscall/errno.js";
import { complete, Operation } from "../completions.js";
import { bytesOf, checkInteger, checkNumber, checkPath } from "./arguments.js";
import type { FsContext } from "./context.js";
import { copyToBuffer } from "./encoding.js";
import { uvException } from "./errors.js";
import { type Failure, readToEnd, writeAll, writeWhole } from "./whole-file.js";

const smallBytes = 64 * 1024;
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
      if (this.#flags === O_RDONLY && this.#limit >= smallBytes) {
        const length = disk.readSmall(this.#path, this.#flags, smallBytes);
        if (length >= 0) {
          this.#done(copyToBuffer(disk.result, 0, length));
          return;
        }
        if (length !== -EFBIG && length !== -ENOENT) {
          this.#fail(length, length === -EISDIR ? "read" : "open");
          return;
        }
      }
      this.#readOpened(files.open(this.#path, this.#flags, 0o666));
    }

    #readOpened(fd: number): void {
      if (fd < 0) {
        this.#fail(fd, "open");
        return;
      }
      const found = files.stat(fd, stats);
      const regular = found >= 0 && ((stats[1] as number) & S_IFMT) === S_IFREG;
      const size = regular ? (stats[8] as number) : 0;
      if (size > this.#limit) {
        finishJob(this, this.#operation, (job) => job.ondone(null, undefined, fd, size, undefined));
        return;
      }
      const content = readToEnd((bytes, offset, length) => files.read(fd, bytes, offset, length, -1), size);
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
export function writeFileJob({ disk, files }: FsContext): JobClass {
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
      const failure = this.#write(TypedArrayPrototypeGetLength(this.#bytes));
      if (failure === undefined) {
        finishJob(this, this.#operation, (job) => job.ondone(null));
        return;
      }
      const path = failure.syscall === "open" ? this.#path : undefined;
      const error = uvException(undefined, failure.errno, failure.syscall, path);
      finishJob(this, this.#operation, (job) => job.ondone(error));
    }

    #write(length: number): Failure | undefined {
      const bytes = this.#bytes;
      const failure = writeWhole(disk, this.#path, this.#flags, this.#mode, bytes, length);
      if (failure?.errno !== -ENOENT) return failure;
      const fd = files.openDevice(this.#path);
      if (fd < 0) return failure;
      const result = writeAll(
        (source, offset, count) => files.write(fd, source, offset, count, -1),
        bytes,
        length,
      );
      files.close(fd);
      return result < 0 ? { errno: result, syscall: "write" } : undefined;
    }
  };
}
