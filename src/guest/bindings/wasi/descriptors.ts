/** The descriptors of a WebAssembly program: numbers of its own, and what may be done with each. */
import type { Disk } from "../../../disk/disk.js";
import { O_DIRECTORY, O_RDONLY, O_RDWR } from "../../../disk/modes.js";
import type { OpenFiles } from "../../files.js";
import { primordials } from "../../internals.js";
import { toPath } from "../fs/byte-path.js";
import { latin1Slice } from "../fs/encoding.js";
import { BADF, errnoOf, INVAL, NOTCAPABLE, NOTDIR } from "./errnos.js";
import { normalize } from "./paths.js";
import {
  directory as directoryRights,
  FILETYPE_DIRECTORY,
  FILETYPE_UNKNOWN,
  fileTypeOf,
  inDirectory,
  rightsOf,
} from "./rights.js";

const { ArrayPrototypePush } = primordials;
const Bigs = BigInt64Array;
const toNumber = Number;

export interface Descriptor {
  /** The process's own descriptor. */
  readonly fd: number;
  /** What the program was told that it is called. */
  readonly path: string;
  /** The same without `.` and `..`: what paths below it begin with. */
  readonly normalized: string;
  /** Where it lies in the machine's tree. */
  readonly real: string;
  readonly type: number;
  base: bigint;
  inheriting: bigint;
  readonly preopened: boolean;
}

/** The fields of a stat, as the last look filled them in: see `StatArray`. */
export const stats = new Bigs(18);

export class Descriptors {
  readonly #files: OpenFiles;
  readonly #disk: Disk;
  readonly #table: (Descriptor | undefined)[] = [];

  constructor(files: OpenFiles, disk: Disk) {
    this.#files = files;
    this.#disk = disk;
  }

  /** One of the standard streams; 0 or an error number. */
  addStdio(fd: number, name: string): number {
    const type = this.typeOf(fd);
    if (typeof type !== "number") return type.errno;
    if (type === FILETYPE_UNKNOWN) return INVAL;
    this.add({ fd, path: name, real: name, type, ...rightsOf(type, O_RDWR), preopened: false });
    return 0;
  }

  /** A directory that the program has from the beginning; 0 or an error number. */
  preopen(path: string, place: string): number {
    const length = this.#disk.realpath(toPath(place));
    if (length < 0) return errnoOf(length);
    const real = latin1Slice(this.#disk.result, 0, length);
    const fd = this.#files.open(toPath(real), O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return errnoOf(fd);
    const type = this.typeOf(fd);
    if (type !== FILETYPE_DIRECTORY) return NOTDIR;
    this.add({ fd, path, real, type, base: directoryRights, inheriting: inDirectory, preopened: true });
    return 0;
  }

  /** The kind of what is open there. */
  typeOf(fd: number): number | { errno: number } {
    const result = this.#files.fstat(fd, stats);
    return result < 0 ? { errno: errnoOf(result) } : fileTypeOf(toNumber(stats[1]));
  }

  /** Takes the lowest free number. */
  add(descriptor: Omit<Descriptor, "normalized">): number {
    const added: Descriptor = { ...descriptor, normalized: normalize(descriptor.path) };
    const table = this.#table;
    for (let id = 0; id < table.length; id++) {
      if (table[id] !== undefined) continue;
      table[id] = added;
      return id;
    }
    ArrayPrototypePush(table, added);
    return table.length - 1;
  }

  /** The descriptor, if it has these rights; an error number else. */
  get(id: number, base: bigint, inheriting = 0n): Descriptor | number {
    const found = id < this.#table.length ? this.#table[id] : undefined;
    if (found === undefined) return BADF;
    const missing = (~found.base & base) | (~found.inheriting & inheriting);
    return missing === 0n ? found : NOTCAPABLE;
  }

  close(id: number): number {
    const found = this.get(id, 0n);
    if (typeof found === "number") return found;
    const result = this.#files.close(found.fd);
    if (result < 0) return errnoOf(result);
    this.#table[id] = undefined;
    return 0;
  }

  /** Gives a descriptor the number of another one, which is closed. */
  renumber(from: number, to: number): number {
    if (from === to) return 0;
    const source = this.get(from, 0n);
    const target = this.get(to, 0n);
    if (typeof source === "number") return source;
    if (typeof target === "number") return target;
    const result = this.#files.close(target.fd);
    if (result < 0) return errnoOf(result);
    this.#table[to] = source;
    this.#table[from] = undefined;
    return 0;
  }
}
