import { TCP_QUEUE, TCP_STREAM, UDP_QUEUE } from "../../disk/socket.js";
import { STDERR_PIPE, STDOUT_PIPE, TERMINAL } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { isPipe } from "./pipe-wrap.js";

const TCP = 0;
const UDP = 2;
/** Kinds of handles as the native `guessHandleType` numbers them. */
const TTY = 1;
const FILE = 3;
const PIPE = 4;
const UNKNOWN = 5;

/** What kind of handle a descriptor of the guest needs. */
export function guessHandleType(env: GuestEnv, fd: number): number {
  const value = env.fds.get(fd);
  if (value === TERMINAL) return TTY;
  if (value === STDOUT_PIPE || value === STDERR_PIPE) return PIPE;
  if (value < 0) return UNKNOWN;
  const kind = env.disk.sockets.kind(value);
  if (kind === TCP_STREAM || kind === TCP_QUEUE) return TCP;
  if (kind === UDP_QUEUE) return UDP;
  return kind > 0 || isPipe(env, value) ? PIPE : FILE;
}
