import { Readable } from "node:stream";
import { ArchiveError } from "../errors/archive-error.js";
import { FileSystemError } from "../errors/file-system-error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { Feed, FsFlow } from "../machine/index.js";
import type { FileSystem } from "./file-system.js";
import { refuse } from "./options/checks.js";
import { checkGuestPath } from "./options/guest-path.js";

/** What the machine takes for the word that an archive has come whole: a frame of its own. */
const COMPLETE = Uint8Array.of(1);

/** Trees of files as tar archives, which machines make and read. */
export class Archives {
  readonly #files: FileSystem;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  exportTar(path: unknown): Readable {
    const from = checkGuestPath(path, "path");
    const flow = new Outflow((taken) => this.#files.transfer({ op: "exportTar", path: from }, taken));
    return flow.readable;
  }

  async importTar(source: unknown, path: unknown): Promise<void> {
    const into = checkGuestPath(path, "path");
    const inflow = new Inflow(checkSource(source));
    try {
      await this.#files.transfer({ op: "importTar", path: into }, inflow);
    } catch (error) {
      if (inflow.failed) throw inflow.failure;
      throw error instanceof FileSystemError && error.code === "EPROTO" ? refusalOf(error) : error;
    }
  }
}

function refusalOf(cause: FileSystemError): Error {
  const { syscall, path } = cause;
  if (!ArchiveError.knows(syscall)) return new ProtocolError("an archive refused for no known reason");
  return new ArchiveError(syscall, path === "" ? undefined : path);
}

/** Bytes that come from a machine, as fast as they are read. */
class Outflow implements FsFlow {
  readonly readable: Readable;
  #started = false;
  #owed = 0;
  #consumed: ((bytes: number) => void) | null = null;

  constructor(start: (flow: FsFlow) => Promise<unknown>) {
    this.readable = new Readable({
      read: () => {
        this.#giveRoom();
        if (this.#started) return;
        this.#started = true;
        start(this).then(
          () => this.readable.push(null),
          (error: unknown) => this.readable.destroy(error as Error),
        );
      },
      // What still comes goes nowhere; the machine must not be left waiting.
      destroy: (error, callback) => {
        this.#giveRoom();
        callback(error);
      },
    });
  }

  take(bytes: Uint8Array, consumed: (bytes: number) => void): null {
    this.#owed += bytes.length;
    this.#consumed = consumed;
    const more = this.readable.destroyed || this.readable.push(Buffer.from(bytes));
    if (more) this.#giveRoom();
    return null;
  }

  #giveRoom(): void {
    const owed = this.#owed;
    this.#owed = 0;
    if (owed > 0) this.#consumed?.(owed);
  }
}

/** Bytes that go to a machine, as they come from their source. */
class Inflow implements FsFlow {
  /** The source has failed, and why. */
  failed = false;
  failure: unknown;
  readonly #source: AsyncIterable<unknown> | Iterable<unknown>;

  constructor(source: AsyncIterable<unknown> | Iterable<unknown>) {
    this.#source = source;
  }

  async give(feed: Feed, waits: (waits: boolean) => void): Promise<void> {
    try {
      waits(true);
      for await (const bytes of this.#source) {
        waits(false);
        if (!(bytes instanceof Uint8Array)) refuse("archive", "a stream of Uint8Arrays", bytes);
        if (!(await feed.write(bytes))) return;
        waits(true);
      }
      waits(false);
      await feed.write(COMPLETE);
      feed.end();
    } catch (error) {
      waits(false);
      this.failed = true;
      this.failure = error;
      feed.abort();
    }
  }
}

function checkSource(value: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  if (value instanceof Uint8Array) return [value];
  if (typeof value === "object" && value !== null && Symbol.asyncIterator in value) {
    return value as AsyncIterable<unknown>;
  }
  return refuse("archive", "a Uint8Array or a stream of them", value);
}
