/** What a seccomp filter can answer (linux/seccomp.h). */

export const KILL_PROCESS = 0x80000000;
export const ALLOW = 0x7fff0000;

const SECCOMP_RET_ERRNO = 0x00050000;

/** Refuses the call with `code`, without making it. */
export function errno(code: number): number {
  return SECCOMP_RET_ERRNO | code;
}

/** As an errno: the call is not made and answers 0. */
export const SUCCESS = 0;
export const EPERM = 1;
export const EINVAL = 22;
export const ENOTTY = 25;
export const ENOSYS = 38;
