/**
 * The memory that the threads of one guest process and the kernel share: the table of file descriptors.
 *
 * An entry holds the complement of its value, so that fresh memory is an empty table. A value is an open
 * file of the disk (0 and up) or names an object of the kernel.
 */
import {
  AtomicsCompareExchange,
  AtomicsExchange,
  AtomicsLoad,
  AtomicsStore,
} from "../primordials/primordials.js";
import { EBADF, EMFILE } from "./errno.js";

/** Values of kernel objects in the table. No errno that `get` answers is among them. */
export const STDIN_PIPE = -2;
export const STDOUT_PIPE = -3;
export const STDERR_PIPE = -4;

/** The most descriptors that a process can be allowed. */
export const MAX_OPEN_FILES = 4096;

const LIMIT = 0;
const TABLE = 16;
const free = 0;

/** Makes the memory for one guest process that may hold `openFiles` descriptors. */
export function createProcessPage(openFiles: number): SharedArrayBuffer {
  const page = new SharedArrayBuffer((TABLE + MAX_OPEN_FILES) * 4);
  new FdTable(page).setLimit(openFiles);
  return page;
}

export class FdTable {
  readonly #words: Int32Array;

  constructor(page: SharedArrayBuffer) {
    this.#words = new Int32Array(page, 0, TABLE + MAX_OPEN_FILES);
  }

  /** How many descriptors the process may hold: they are numbered below it. */
  get limit(): number {
    const limit = AtomicsLoad(this.#words, LIMIT);
    return limit >= 0 && limit < MAX_OPEN_FILES ? limit : MAX_OPEN_FILES;
  }

  /** More than `MAX_OPEN_FILES` counts as that many. */
  setLimit(openFiles: number): void {
    AtomicsStore(this.#words, LIMIT, openFiles);
  }

  /** Puts a value at the lowest free descriptor. */
  alloc(value: number): number {
    const words = this.#words;
    const { limit } = this;
    for (let fd = 0; fd < limit; fd++) {
      if (words[TABLE + fd] === free && AtomicsCompareExchange(words, TABLE + fd, free, ~value) === free)
        return fd;
    }
    return -EMFILE;
  }

  get(fd: number): number {
    if (!isDescriptor(fd)) return -EBADF;
    const entry = AtomicsLoad(this.#words, TABLE + fd);
    return entry === free ? -EBADF : ~entry;
  }

  /** Puts a value at a descriptor; answers the value that was there, or -EBADF when it was free. */
  set(fd: number, value: number): number {
    return this.#exchange(fd, ~value);
  }

  /** Frees a descriptor; answers the value that was there, or -EBADF when it was free. */
  free(fd: number): number {
    return this.#exchange(fd, free);
  }

  #exchange(fd: number, entry: number): number {
    if (!isDescriptor(fd)) return -EBADF;
    const before = AtomicsExchange(this.#words, TABLE + fd, entry);
    return before === free ? -EBADF : ~before;
  }
}

function isDescriptor(fd: number): boolean {
  return fd >= 0 && fd < MAX_OPEN_FILES && fd === (fd | 0);
}
