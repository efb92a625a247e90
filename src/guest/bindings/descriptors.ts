import { STDERR_PIPE, STDOUT_PIPE } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { isPipe } from "./pipe-wrap.js";

/** Kinds of handles as the native `guessHandleType` numbers them. */
const FILE = 3;
const PIPE = 4;
const UNKNOWN = 5;

/** What kind of handle a descriptor of the guest needs. */
export function guessHandleType(env: GuestEnv, fd: number): number {
  const value = env.fds.get(fd);
  if (value === STDOUT_PIPE || value === STDERR_PIPE) return PIPE;
  if (value < 0) return UNKNOWN;
  return isPipe(env, value) ? PIPE : FILE;
}
