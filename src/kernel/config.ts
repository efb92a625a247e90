/** What the host tells a machine before it is locked, as JSON in argv[2]. */
export interface KernelConfig {
  /** False only where the caller gave up on the jail by name. */
  jail: boolean;
  disk: {
    /** Room for file data, in bytes. */
    bytes: number;
    inodes: number;
    /** The inherited descriptor of an existing disk, null for a new one. */
    adopt: number | null;
    /** The size of the existing disk's memory; what a new one takes follows from the above. */
    size?: number | null;
    /** Of a disk in a file of the host's: where it begins, and where a word says whether it has been made. */
    file?: { offset: number; madeAt: number };
  };
  /** Whether a guest thread is kept ready after the first, which every machine boots with. */
  spare: boolean;
}

/** Throws TypeError for anything but a configuration. */
export function parseConfig(text: string | undefined): KernelConfig {
  const config = JSON.parse(text ?? "null") as KernelConfig | null;
  const disk = config?.disk;
  const right =
    typeof config?.jail === "boolean" &&
    typeof config.spare === "boolean" &&
    isCount(disk?.bytes) &&
    isCount(disk.inodes) &&
    (disk.adopt === null || (isCount(disk.adopt) && isCount(disk.size))) &&
    (disk.file === undefined || (isCount(disk.file.offset) && isCount(disk.file.madeAt)));
  if (!right) throw new TypeError("The kernel's configuration is not one");
  return config;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
