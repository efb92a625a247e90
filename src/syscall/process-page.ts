/**
 * The memory that the threads of one guest process and the kernel share: the table of file descriptors, the
 * umask, the working directory, the signals that it listens to.
 *
 * An entry of the table holds the complement of its value, so that fresh memory is an empty table. A value is an open
 * file of the disk (0 and up) or names an object of the kernel.
 */
import {
  AtomicsAdd,
  AtomicsCompareExchange,
  AtomicsExchange,
  AtomicsLoad,
  AtomicsStore,
} from "../primordials/primordials.js";
import { EBADF, EMFILE } from "./errno.js";

/** Values of kernel objects in the table. No errno that `get` answers is among them. */
/** The terminal of the session. */
export const TERMINAL = -2;
export const STDOUT_PIPE = -3;
export const STDERR_PIPE = -4;

/** The most descriptors that a process can be allowed. */
export const MAX_OPEN_FILES = 4096;

const LIMIT = 0;
const UMASK = 1;
/** How many descriptors there are. */
const COUNT = 2;
const LAST_THREAD = 3;
/** Two words: a double. */
const DIRECTORY = 4;
/** Two words, a bit for each signal from 1 on. */
const SIGNALS = 6;
/** How many signals of the kernel the process has been told of. */
const HEARD = 8;
const TABLE = 16;
/** Which thread a descriptor ends with: the id of `GuestThread`, or 0 for none. */
const KEEPERS = TABLE + MAX_OPEN_FILES;
const WORDS = KEEPERS + MAX_OPEN_FILES;
const free = 0;

/** Makes the memory for one guest process that may hold `openFiles` descriptors. */
export function createProcessPage(openFiles: number): SharedArrayBuffer {
  const page = new SharedArrayBuffer(WORDS * 4);
  new FdTable(page).setLimit(openFiles);
  return page;
}

function wordsOf(page: SharedArrayBuffer): Int32Array {
  return new Int32Array(page, 0, WORDS);
}

function directoryOf(page: SharedArrayBuffer): Float64Array {
  return new Float64Array(page, DIRECTORY * 4, 1);
}

export class FdTable {
  #words: Int32Array;
  /** The thread that what is opened here ends with; 0 for none but the process. */
  keeper = 0;

  constructor(page: SharedArrayBuffer) {
    this.#words = wordsOf(page);
  }

  /** Becomes the table of another process: that of the thread which made this one. */
  adopt(page: SharedArrayBuffer): void {
    this.#words = wordsOf(page);
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
      if (words[TABLE + fd] !== free || AtomicsCompareExchange(words, TABLE + fd, free, ~value) !== free)
        continue;
      AtomicsStore(words, KEEPERS + fd, this.keeper);
      AtomicsAdd(words, COUNT, 1);
      return fd;
    }
    return -EMFILE;
  }

  /** Whether the process may open so many files more; what needs no descriptor here needs one in Node. */
  hasRoom(files: number): boolean {
    return AtomicsLoad(this.#words, COUNT) + files <= this.limit;
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

  /** Has a descriptor end with a thread, or with none but the process. */
  keep(fd: number, thread: number): void {
    if (isDescriptor(fd)) AtomicsStore(this.#words, KEEPERS + fd, thread);
  }

  /** Whether a descriptor is open and ends with a thread. */
  isKeptBy(fd: number, thread: number): boolean {
    return this.get(fd) !== -EBADF && AtomicsLoad(this.#words, KEEPERS + fd) === thread;
  }

  #exchange(fd: number, entry: number): number {
    if (!isDescriptor(fd)) return -EBADF;
    const before = AtomicsExchange(this.#words, TABLE + fd, entry);
    const change = (entry === free ? 0 : 1) - (before === free ? 0 : 1);
    if (change !== 0) AtomicsAdd(this.#words, COUNT, change);
    return before === free ? -EBADF : ~before;
  }
}

function isDescriptor(fd: number): boolean {
  return fd >= 0 && fd < MAX_OPEN_FILES && fd === (fd | 0);
}

/** What the threads of a process have in common beside its descriptors; the disk reads it at every call. */
export class ProcessCredentials {
  #words: Int32Array;
  /** Aligned, so that no thread sees half of it. */
  #directory: Float64Array;
  uid = 1000;
  gid = 1000;

  constructor(page: SharedArrayBuffer) {
    this.#words = wordsOf(page);
    this.#directory = directoryOf(page);
    this.umask = 0o022;
    this.cwd = 1;
  }

  /** See `FdTable.adopt`. */
  adopt(page: SharedArrayBuffer): void {
    this.#words = wordsOf(page);
    this.#directory = directoryOf(page);
  }

  get umask(): number {
    return AtomicsLoad(this.#words, UMASK);
  }

  set umask(mask: number) {
    AtomicsStore(this.#words, UMASK, mask);
  }

  /** The working directory, as `Disk.resolveDirectory` answers it. */
  get cwd(): number {
    return this.#directory[0] as number;
  }

  set cwd(directory: number) {
    this.#directory[0] = directory;
  }

  /** The number of the thread that the process makes next, from 1. */
  nextThread(): number {
    return AtomicsAdd(this.#words, LAST_THREAD, 1) + 1;
  }
}

/** The signals that a process listens to, as it says: what it says about them concerns itself alone. */
export class HandledSignals {
  readonly #words: Int32Array;

  constructor(page: SharedArrayBuffer) {
    this.#words = wordsOf(page);
  }

  has(signal: number): boolean {
    return (AtomicsLoad(this.#words, wordOf(signal)) & bitOf(signal)) !== 0;
  }

  /** How many of the signals that the kernel has sent have reached their listeners, as the process says. */
  get heard(): number {
    return AtomicsLoad(this.#words, HEARD);
  }

  /** The listeners are about to be told of one. */
  hear(): void {
    AtomicsAdd(this.#words, HEARD, 1);
  }

  /** For one thread alone to call: the process's main one. */
  set(signal: number, handled: boolean): void {
    const word = AtomicsLoad(this.#words, wordOf(signal));
    const bit = bitOf(signal);
    AtomicsStore(this.#words, wordOf(signal), handled ? word | bit : word & ~bit);
  }
}

function wordOf(signal: number): number {
  return SIGNALS + (signal > 32 ? 1 : 0);
}

function bitOf(signal: number): number {
  return 1 << ((signal - 1) & 31);
}
