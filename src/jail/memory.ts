/**
 * The disk's memory: a SharedArrayBuffer whose pages are those of a memfd, so that the host can hold
 * the disk by a descriptor and hand it to the next machine. Made before the lock, which allows neither
 * files nor shared mappings.
 */
import { JailError } from "./jail-error.js";
import { addressOf, cString, syscall } from "./native.js";
import { getResourceLimit, RLIMIT_FSIZE, setResourceLimit } from "./resource-limits.js";
import { syscallNumber } from "./seccomp/architecture.js";

/** The bytes of a buffer that are the disk. */
export interface DiskMemory {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface DiskBacking {
  readonly memory: DiskMemory;
  /** The memfd: the host opens it through /proc, or has passed it. */
  readonly fd: number;
  /** Gives the whole pages of a range back to the system; they read as zeros then. Also works locked. */
  discard(offset: number, length: number): void;
}

/** A multiple of the page size of every kernel for x64 and arm64. */
const PAGE = 65536;
/** The page size of most; a kernel with larger pages refuses to discard such, which loses nothing. */
const SMALL_PAGE = 4096;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;
const EINVAL = 22;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 0x01;
const MAP_FIXED = 0x10;
const MADV_REMOVE = 9;
const SEEK_END = 2;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** In milliseconds. */
const LOCK_PATIENCE = 2000;
const LOCK_PAUSE = 20;

/** What the memory of a disk of so many bytes takes. */
export function roundUp(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}

/**
 * Makes a zeroed disk of `size` bytes, rounded up to 64 KiB. Answers null where no memfd is to be had:
 * a disk in plain memory then dies with its machine.
 */
export function createDiskMemory(size: number): DiskBacking | null {
  const byteLength = roundUp(size);
  const fd = createMemfd();
  if (fd < 0) return null;
  resize(fd, byteLength);
  // Nobody can make a mapping of the disk fault by cutting the file short, in this machine or the next.
  const seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
  const sealed = syscall(syscallNumber("fcntl"), fd, F_ADD_SEALS, seals);
  if (sealed !== 0) throw new JailError("disk", `its memory was not sealed (${sealed})`);
  return map(fd, byteLength);
}

/**
 * Maps the disk of an earlier machine. `fd` is its memfd, or a file in which it begins at `offset`; `size` is
 * its size as the host knows it.
 */
export function adoptDiskMemory(fd: number, size: number, offset = 0): DiskBacking {
  const actual = syscall(syscallNumber("lseek"), fd, 0, SEEK_END);
  if (actual !== offset + size || size === 0 || size % PAGE !== 0) {
    throw new JailError("disk", `a disk of ${size} bytes was announced, ${actual - offset} were found`);
  }
  return map(fd, size, offset);
}

/** Maps a disk of `size` bytes, rounded up to 64 KiB, in a file from `offset` on. */
export function createDiskInFile(fd: number, size: number, offset: number): DiskBacking {
  const byteLength = roundUp(size);
  resize(fd, offset + byteLength);
  return map(fd, byteLength, offset);
}

/**
 * Takes a file for this host alone; false when another one has it. The lock is that of the descriptor as the
 * host opened it, so that it lasts as long as the host or any of its machines has the file.
 */
export function lockFile(fd: number): boolean {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  // The machine of a host that has just died is dying too.
  for (let waited = 0; waited < LOCK_PATIENCE; waited += LOCK_PAUSE) {
    if (syscall(syscallNumber("flock"), fd, LOCK_EX | LOCK_NB) === 0) return true;
    Atomics.wait(clock, 0, 0, LOCK_PAUSE);
  }
  return false;
}

function createMemfd(): number {
  const number = syscallNumber("memfd_create");
  const name = cString("secure-exec disk");
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const fd = syscall(number, name, flags | MFD_NOEXEC_SEAL);
  // Kernels before 6.3 don't know NOEXEC_SEAL.
  return fd === -EINVAL ? syscall(number, name, flags) : fd;
}

/** Stage 0 has set the soft limit on file sizes to 0 and left the hard one, which the lock closes. */
function resize(fd: number, byteLength: number): void {
  const limit = getResourceLimit(RLIMIT_FSIZE);
  setResourceLimit(RLIMIT_FSIZE, { soft: limit.hard, hard: limit.hard });
  const result = syscall(syscallNumber("ftruncate"), fd, byteLength);
  setResourceLimit(RLIMIT_FSIZE, limit);
  if (result !== 0) throw new JailError("disk", `its memory was not sized (${result})`);
}

function map(fd: number, byteLength: number, offset = 0): DiskBacking {
  // One page more than the disk, since V8 gives the buffer any address. What is around stays untouched.
  const buffer = new SharedArrayBuffer(byteLength + PAGE);
  const start = addressOf(buffer);
  const byteOffset = Number(-start & BigInt(PAGE - 1));
  const address = start + BigInt(byteOffset);
  const protection = PROT_READ | PROT_WRITE;
  const mapped = syscall(
    syscallNumber("mmap"),
    address,
    byteLength,
    protection,
    MAP_SHARED | MAP_FIXED,
    fd,
    offset,
  );
  if (BigInt(mapped) !== address) throw new JailError("disk", `its memory was not mapped (${mapped})`);
  const madvise = syscallNumber("madvise");
  return {
    memory: { buffer, byteOffset, byteLength },
    fd,
    discard(from, length) {
      const first = Math.ceil(Math.max(from, 0) / SMALL_PAGE) * SMALL_PAGE;
      const end = Math.floor(Math.min(from + length, byteLength) / SMALL_PAGE) * SMALL_PAGE;
      if (end <= first) return;
      // Only a saving: where the kernel can't, the pages stay as they are.
      syscall(madvise, address + BigInt(first), end - first, MADV_REMOVE);
    },
  };
}
