import type { GuestEnv } from "../env.js";

/** Two descriptors. */
export type Ends = readonly [number, number];

const files = new Int32Array(2);

/** A pipe: what is read at the first end is what was written at the second. A negative errno for none. */
export function openPipe(env: GuestEnv): Ends | number {
  return enter(env, env.disk.pipe(files, 0));
}

/** Two ends that each read what was written at the other. */
export function openPair(env: GuestEnv): Ends | number {
  return enter(env, env.disk.pair(files));
}

function enter({ disk, fds }: GuestEnv, made: number): Ends | number {
  if (made < 0) return made;
  const first = files[0] as number;
  const second = files[1] as number;
  const reading = fds.alloc(first);
  const writing = reading < 0 ? reading : fds.alloc(second);
  if (writing >= 0) return [reading, writing];
  if (reading >= 0) fds.free(reading);
  disk.close(first);
  disk.close(second);
  return writing;
}
