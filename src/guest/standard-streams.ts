/** What `stat` and /proc say of the standard streams, which are pipes to the host. */
import type { StatArray } from "../disk/types.js";
import type { GuestEnv } from "./env.js";
import { fillStat } from "./special-stat.js";

const PIPE_MODE = 0o010600;
const PIPE_DEVICE = 3;

/** `value` is what the table of descriptors has for a stream: a number below -1. */
export function statStream(env: GuestEnv, value: number, out: StatArray): void {
  const { uid, gid } = env.cred;
  const inode = -value;
  fillStat(out, {
    device: PIPE_DEVICE,
    mode: PIPE_MODE,
    links: 1,
    uid,
    gid,
    blockSize: 4096,
    inode,
    size: 0,
    time: 0,
  });
}

export function streamName(value: number): string {
  return `pipe:[${-value}]`;
}
