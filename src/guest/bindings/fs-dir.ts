/** The `fs_dir` binding: directories that are read in parts. */
import { O_DIRECTORY, O_RDONLY } from "../../disk/modes.js";
import type { GuestEnv } from "../env.js";
import type { OpenFiles } from "../files.js";
import { type Internal, primordials } from "../internals.js";
import { Operation } from "./completions.js";
import { checkNumber, checkPath } from "./fs/arguments.js";
import { decodeBytePath } from "./fs/byte-path.js";
import { parseEncoding } from "./fs/encoding.js";
import { uvException } from "./fs/errors.js";
import { type Entry, takeEntries } from "./fs/listing.js";
import { finish } from "./fs/names.js";
import { fail, isAsync, type Request, succeed } from "./fs/request.js";

const { ArrayPrototypePush } = primordials;

/** What `opendir` and `opendirSync` answer with, and the class that Node's JavaScript knows it by. */
export function fsDirBinding({ disk }: GuestEnv, files: OpenFiles): Record<string, Internal> {
  class DirHandle {
    readonly #operation: Operation;
    #fd: number;
    #cookie = 0;
    #entries: Entry[] = [];
    #next = 0;

    constructor(fd = -1) {
      this.#fd = fd;
      this.#operation = new Operation("DIRHANDLE", this);
    }

    getAsyncId(): number {
      return this.#operation.asyncId;
    }

    /** `[name, type, name, type, …]` of at most so many entries, null at the end. */
    read(encodingArgument: unknown, countArgument: unknown, request?: Request): unknown {
      const encoding = parseEncoding(encodingArgument);
      const count = checkNumber(this.read, countArgument, "bufferSize");
      const found: unknown[] = [];
      for (let taken = 0; taken < count; taken++) {
        if (this.#next === this.#entries.length) {
          const result = this.#refill();
          if (result < 0) return finish(this.read, request, result, "readdir");
          if (result === 0) break;
        }
        const { name, type } = this.#entries[this.#next++] as Entry;
        ArrayPrototypePush(found, decodeBytePath(name, encoding), type);
      }
      const answer = found.length === 0 ? null : found;
      return isAsync(request) ? succeed(request, answer) : answer;
    }

    #refill(): number {
      const result = files.readEntries(this.#fd, this.#cookie);
      if (result <= 0) return result;
      this.#cookie = disk.cookie;
      this.#entries = [];
      this.#next = 0;
      takeEntries(disk, this.#entries);
      return result;
    }

    close(request?: Request): unknown {
      const fd = this.#fd;
      this.#fd = -1;
      this.#entries = [];
      this.#next = 0;
      return finish(this.close, request, files.close(fd), "closedir");
    }
  }

  function opendir(path: unknown, _encoding: unknown, request?: Request): unknown {
    const name = checkPath(opendir, path);
    const fd = files.open(name, O_RDONLY | O_DIRECTORY, 0);
    if (isAsync(request)) {
      if (fd < 0) return fail(request, uvException(undefined, fd, "opendir", name));
      return succeed(request, new DirHandle(fd));
    }
    if (fd < 0) throw uvException(opendir, fd, "opendir", name);
    return new DirHandle(fd);
  }

  /** Unlike the other, it leaves the path out of its error. */
  function opendirSync(path: unknown): DirHandle {
    const fd = files.open(checkPath(opendirSync, path), O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) throw uvException(opendirSync, fd, "opendir");
    return new DirHandle(fd);
  }

  return { opendir, opendirSync, DirHandle };
}
