import type { Path } from "../../../disk/types.js";
import type { OpenFiles } from "../../files.js";
import { type Internal, internalBinding, primordials } from "../../internals.js";
import { complete, Operation } from "../completions.js";
import { checkInteger } from "./arguments.js";
import { newBuffer, part } from "./encoding.js";
import { codedError, pathText, uvException } from "./errors.js";

const { ReflectApply, SafeFinalizationRegistry } = primordials;
/** A native stream that JavaScript feeds: C++ takes a file handle for one (HTTP/2 sends files so). */
const JSStream: new () => object = internalBinding("js_stream")["JSStream"];
const { readBuffer, emitEOF } = JSStream.prototype as Internal;

const NativePromise = Promise;
const chunk = 64 * 1024;
/** What libuv answers for the descriptor of a closed handle. */
const UV_EINVAL = -22;

/** An open file as an object. */
export interface FileHandle {
  readonly fd: number;
  close(): Promise<void>;
  closeSync(): void;
  /** Forgets the descriptor without closing it. */
  releaseFD(): number;
}

export type FileHandleClass = new (fd: number, offset?: number, length?: number, path?: Path) => FileHandle;

/** What is left of a handle that nobody closed. */
interface Remains {
  readonly fd: number;
  readonly name: string;
}

/** What async hooks are shown while a handle closes. */
class FileHandleCloseReq {}

/** The `FileHandle` class of the binding. */
export function fileHandleClass(files: OpenFiles): FileHandleClass {
  // Thrown where no code of the program is running, as Node does.
  const forgotten = new SafeFinalizationRegistry(({ fd, name }: Remains) => {
    files.close(fd);
    throw codedError(
      undefined,
      "Error",
      "ERR_INVALID_STATE",
      "A FileHandle object was closed during garbage collection. This used to be allowed with a " +
        "deprecation warning but is now considered an error. Please close FileHandle objects explicitly. " +
        `File descriptor: ${fd} (${name})`,
    );
  });

  return class FileHandle extends JSStream {
    #fd: number;
    #closing: Promise<void> | undefined;
    #offset: number;
    #left: number;
    #reading = false;
    #pending = false;

    /** `offset` and `length` bound what is read as a stream, `path` is what was opened. */
    constructor(fd: unknown, offset?: unknown, length?: unknown, path?: Path) {
      super();
      this.#fd = checkInteger(FileHandle, fd, "fd");
      const name = path === undefined ? "<unknown path>" : pathText(path);
      forgotten.register(this, { fd: this.#fd, name }, this);
      this.#offset = typeof offset === "number" ? offset : -1;
      this.#left = typeof length === "number" ? length : -1;
    }

    get fd(): number {
      return this.#fd < 0 ? UV_EINVAL : this.#fd;
    }

    close(): Promise<void> {
      if (this.#closing !== undefined) return this.#closing;
      const fd = this.#take();
      const result = fd < 0 ? fd : files.close(fd);
      this.#closing = new NativePromise((resolve, reject) => {
        const resource = new FileHandleCloseReq();
        complete(new Operation("FILEHANDLECLOSEREQ", resource), resource, () => {
          if (result < 0) reject(uvException(undefined, result, "close"));
          else resolve();
        });
      });
      return this.#closing;
    }

    closeSync(): void {
      const fd = this.#take();
      if (fd < 0) return;
      const result = files.close(fd);
      if (result < 0) throw uvException(this.closeSync, result, "close");
    }

    releaseFD(): number {
      return this.#take();
    }

    #take(): number {
      const fd = this.#fd;
      forgotten.unregister(this);
      this.#fd = -1;
      return fd;
    }

    // C++ reads the handle through these.
    onreadstart(): number {
      this.#reading = true;
      this.#readLater();
      return 0;
    }

    onreadstop(): number {
      this.#reading = false;
      return 0;
    }

    #readLater(): void {
      if (this.#pending) return;
      this.#pending = true;
      complete(new Operation("FSREQCALLBACK", this), this, () => {
        this.#pending = false;
        if (this.#reading) this.#readChunk();
      });
    }

    #readChunk(): void {
      const length = this.#left >= 0 && this.#left < chunk ? this.#left : chunk;
      const bytes = newBuffer(length);
      const attempt = () =>
        this.#fd < 0 || length === 0 ? 0 : files.readNow(this.#fd, bytes, 0, length, this.#offset);
      files.later(attempt, (count) => this.#deliver(bytes, length, count));
    }

    #deliver(bytes: Uint8Array, length: number, count: number): void {
      if (count <= 0) {
        this.#reading = false;
        ReflectApply(emitEOF, this, []);
        return;
      }
      if (this.#left >= 0) this.#left -= count;
      if (this.#offset >= 0) this.#offset += count;
      ReflectApply(readBuffer, this, [count === length ? bytes : part(bytes, 0, count)]);
      if (this.#reading) this.#readLater();
    }
  };
}
