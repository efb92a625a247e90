import type { FsMessage, FsValue, MachineMessage, OutgoingStream } from "../../wire/index.js";
import { exportTar } from "../archive/export.js";
import { importTar } from "../archive/import.js";
import { IncomingArchive } from "../archive/incoming.js";
import type { TarLibrary } from "../archive/library.js";
import { removeStaged } from "../archive/staging.js";
import type { DiskAccess } from "../disk-access.js";
import type { HostConnection } from "../host-call.js";
import { report } from "../report.js";
import { OperationError } from "./failure.js";
import { Freeze } from "./freeze.js";
import { sendInventory } from "./inventory.js";
import { performOnNames } from "./names.js";
import { exists, mkdir, readdir, removeOne, seal, stat } from "./operations.js";
import { TreeRemoval } from "./remove.js";
import { copyFile, FileWriter, sendFile } from "./transfers.js";

/** Does what the host asks of the disk, as its administrator. */
export class FsService {
  readonly #disk: DiskAccess;
  readonly #connection: HostConnection;
  readonly #freeze: Freeze;
  readonly #tar: () => TarLibrary;

  constructor(disk: DiskAccess, connection: HostConnection, tar: () => TarLibrary) {
    this.#tar = tar;
    this.#disk = disk;
    this.#freeze = new Freeze(disk);
    this.#connection = connection;
  }

  handle(message: FsMessage): void {
    const { stream } = message;
    if (message.op === "writeFile" && stream !== null) this.#receive(message, stream);
    else if (message.op === "importTar" && stream !== null) this.#import(message, stream);
    else this.#answer(message, stream === null ? null : this.#connection.openOutgoing(stream));
  }

  /** Removes what an earlier machine has left of archives that it was putting on the disk. */
  async tidy(): Promise<void> {
    try {
      await removeStaged(this.#disk);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
    }
  }

  /** `importTar`: the stream has to be awaited before this returns. */
  async #import({ call, path }: FsMessage & { op: "importTar" }, stream: number): Promise<void> {
    const source = new IncomingArchive();
    this.#connection.onIncoming(stream, {
      data: (bytes, consumed) => source.push(bytes, consumed),
      end: () => source.end(),
    });
    let failure: unknown = null;
    try {
      await importTar(this.#disk, this.#tar(), path, source);
    } catch (error) {
      failure = error;
    }
    this.#connection.discardIncoming(stream);
    this.#tell(call, failure, null);
  }

  /** `writeFile`: the stream has to be awaited before this returns. */
  #receive(message: FsMessage & { op: "writeFile" }, stream: number): void {
    const writer = new FileWriter(this.#disk, message);
    this.#connection.onIncoming(stream, {
      data: (bytes, consumed) => {
        writer.push(bytes, () => consumed(bytes.length));
      },
      end: () => {
        writer.close().then(
          () => this.#tell(message.call, null, null),
          (error: unknown) => this.#tell(message.call, error, null),
        );
      },
    });
  }

  async #answer(message: FsMessage, stream: OutgoingStream | null): Promise<void> {
    let error: unknown = null;
    let value: FsValue = null;
    try {
      value = await this.#perform(message, stream);
    } catch (thrown) {
      error = thrown;
    }
    stream?.end();
    await stream?.flushed();
    this.#tell(message.call, error, value);
  }

  async #perform(message: FsMessage, stream: OutgoingStream | null): Promise<FsValue> {
    const disk = this.#disk;
    if (message.op === "freeze") {
      stream?.write(await this.#freeze.begin());
      return null;
    }
    if (message.op === "thaw") return this.#freeze.end(message.restored);
    if (message.op === "inventory") {
      if (stream !== null) await sendInventory(disk, message, stream);
      return null;
    }
    const { path } = message;
    switch (message.op) {
      case "exportTar":
        if (stream !== null) await exportTar(disk, this.#tar(), path, stream);
        return null;
      case "importTar":
        throw new TypeError("An archive without a stream");
      case "seal":
        await seal(disk, path);
        return null;
      case "stat":
        return await stat(disk, path, true);
      case "lstat":
        return await stat(disk, path, false);
      case "exists":
        return await exists(disk, path);
      case "readFile":
        if (stream !== null) await sendFile(disk, path, message.limit, stream);
        return null;
      case "readdir":
        stream?.write(await readdir(disk, path));
        return null;
      case "mkdir":
        await mkdir(disk, path, message.recursive, message.mode);
        return null;
      case "rm":
        await this.#remove(path, message.recursive, message.force);
        return null;
      case "writeFile":
        await new FileWriter(disk, message).close();
        return null;
      case "copyFile":
        await copyFile(disk, path, message.dest);
        return null;
      default:
        return await performOnNames(disk, message);
    }
  }

  async #remove(path: string, recursive: boolean, force: boolean): Promise<void> {
    if (recursive && (await this.#isDirectory(path))) await new TreeRemoval(this.#disk, path).run();
    else await removeOne(this.#disk, path, force);
  }

  async #isDirectory(path: string): Promise<boolean> {
    try {
      return (await stat(this.#disk, path, false)).type === "directory";
    } catch {
      // The removal says what is wrong.
      return false;
    }
  }

  #tell(call: number, error: unknown, value: FsValue): void {
    const message: MachineMessage & { type: "fsResult" } = { type: "fsResult", call, error: null, value };
    if (error instanceof OperationError) message.error = error.failure;
    else if (error !== null) {
      report(`secure-exec kernel: ${error instanceof Error ? error.stack : String(error)}\n`);
      message.error = { code: "EIO", errno: -5, syscall: "disk" };
    }
    this.#connection.send(message);
  }
}
