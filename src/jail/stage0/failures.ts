/** How stage 0 fails: it says one line on fd 2 and exits with the code of its step. */
export const failures = {
  /** Its own arguments are wrong. */
  usage: 80,
  /** A descriptor that the machine needs is missing or a terminal, or the others could not be closed. */
  descriptors: 81,
  /** A resource limit could not be set. */
  limits: 82,
  /** Capabilities or new privileges could not be given up. */
  privileges: 83,
  /** Landlock is there and could not be put on. */
  landlock: 84,
  /** The kernel takes no seccomp filter. */
  seccomp: 85,
  /** The host is gone. */
  orphan: 86,
  /** Node could not be executed. */
  exec: 87,
} as const;

export type Failure = keyof typeof failures;

/** The step that an exit code of stage 0 stands for; null for any other code. */
export function stage0Failure(exitCode: number | null): Failure | null {
  for (const [name, code] of Object.entries(failures)) {
    if (code === exitCode) return name as Failure;
  }
  return null;
}
