/** What `stat` and /proc say of the standard streams, which are pipes to the host or its terminal. */
import type { StatArray } from "../disk/types.js";
import { TERMINAL } from "../syscall/process-page.js";
import type { GuestEnv } from "./env.js";
import { fillStat } from "./special-stat.js";

const TERMINAL_MODE = 0o020620;
/** The first terminal of Linux's `/dev/pts`. */
const TERMINAL_NUMBER = 0x8800;
const PIPE_MODE = 0o010600;
const PIPE_DEVICE = 3;

/** `value` is what the table of descriptors has for a stream: a number below -1. */
export function statStream(env: GuestEnv, value: number, out: StatArray): void {
  const { uid, gid } = env.cred;
  const inode = -value;
  const terminal = value === TERMINAL;
  fillStat(out, {
    device: PIPE_DEVICE,
    mode: terminal ? TERMINAL_MODE : PIPE_MODE,
    links: 1,
    uid,
    gid,
    blockSize: terminal ? 1024 : 4096,
    inode,
    size: 0,
    time: 0,
    ...(terminal ? { number: TERMINAL_NUMBER } : {}),
  });
}

export function streamName(value: number): string {
  return value === TERMINAL ? "/dev/pts/0" : `pipe:[${-value}]`;
}
