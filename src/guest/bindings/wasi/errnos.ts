/** WASI's error numbers, and the ones that Linux's stand for. */

export const SUCCESS = 0;
export const AGAIN = 6;
export const BADF = 8;
export const INVAL = 28;
export const LOOP = 32;
export const NOBUFS = 42;
export const NOENT = 44;
export const NOSYS = 52;
export const NOTDIR = 54;
export const NOTSOCK = 57;
export const NOTSUP = 58;
export const OVERFLOW = 61;
export const PERM = 63;
export const NOTCAPABLE = 76;

const names: Readonly<Record<number, string>> = {
  [BADF]: "EBADF",
  [INVAL]: "EINVAL",
  [LOOP]: "ELOOP",
  [NOENT]: "ENOENT",
  [NOSYS]: "ENOSYS",
  [NOTDIR]: "ENOTDIR",
  2: "EACCES",
  33: "EMFILE",
  37: "ENAMETOOLONG",
  41: "ENFILE",
};

/** By Linux's number: what the disk and the descriptors answer with. */
const fromLinux: Readonly<Record<number, number>> = {
  1: PERM,
  2: NOENT,
  3: 71,
  5: 29,
  9: BADF,
  11: AGAIN,
  12: 48,
  13: 2,
  16: 10,
  17: 20,
  18: 75,
  20: NOTDIR,
  21: 31,
  22: INVAL,
  23: 41,
  24: 33,
  26: 74,
  27: 22,
  28: 51,
  29: 70,
  30: 69,
  31: 34,
  32: 64,
  36: 37,
  38: NOSYS,
  39: 55,
  40: LOOP,
  95: NOTSUP,
};

/** Turns a result of the disk, at least 0 or the negative of Linux's number, into WASI's number. */
export function errnoOf(result: number): number {
  return result >= 0 ? SUCCESS : (fromLinux[-result] ?? NOSYS);
}

/** As uvwasi names it. */
export function errnoName(errno: number): string {
  return `UVWASI_${names[errno] ?? "EINVAL"}`;
}
