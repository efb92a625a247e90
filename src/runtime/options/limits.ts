import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import { checkInteger, readFields } from "./checks.js";

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Ceilings of one runtime. All are in force from the first call; all have a default. */
export interface Limits {
  /** What the files on the disk may hold together, in bytes. Default 512 MiB, from 1 MiB to 4 GiB. */
  diskBytes?: number | undefined;
  /**
   * Files, directories and links on the disk. Default one for each 8 KiB of `diskBytes`, at least 1024;
   * from 64 to 1048576.
   */
  inodes?: number | undefined;
  /**
   * Memory of one guest process, in bytes: its heap and its buffers. Default 256 MiB, from 16 MiB to
   * 2 GiB. A process above it is ended with exit code 137.
   */
  memoryBytes?: number | undefined;
  /**
   * Resident memory of the whole machine without its disk, in bytes. Default 1 GiB, from 128 MiB to
   * 64 GiB. A machine above it is killed and revived.
   */
  machineMemoryBytes?: number | undefined;
  /**
   * What is kept of each of a call's output streams for its result, in bytes. Default 16 MiB, from
   * 1 KiB to 256 MiB. What comes beyond goes to `onStdout` and `onStderr` alone.
   */
  outputBytes?: number | undefined;
  /** The largest body that `fetch()` takes of a server's answer, in bytes. Default 16 MiB, from 1 KiB to 256 MiB. */
  responseBytes?: number | undefined;
  /** The largest `stdin` of a call, in bytes. Default 64 MiB, up to 1 GiB. */
  stdinBytes?: number | undefined;
  /** Arguments and environment of a call together, in bytes. Default and maximum 128 KiB. */
  argumentBytes?: number | undefined;
  /** Guest processes at a time; calls beyond wait for their turn. Default 64, from 1 to 1024. */
  processes?: number | undefined;
  /** Threads of all guest processes together. Default 128, from 1 to 4096. */
  threads?: number | undefined;
  /** Open files of one guest process. Default 1024, from 16 to 65536. */
  openFiles?: number | undefined;
  /** Connections that leave the machine, at a time. Default 1024, up to 65536. */
  connections?: number | undefined;
  /**
   * Bytes that leave and enter the machine by its connections, all together over the life of the runtime.
   * Default: as many as there can be.
   */
  networkBytes?: number | undefined;
  /** The same in a second, on average. Default 1 GiB, from 1 KiB to 64 GiB. */
  networkBytesPerSecond?: number | undefined;
  /** Questions about names in a second. Default 100, up to 10000. */
  dnsPerSecond?: number | undefined;
}

/** Limits with their defaults filled in. */
export type ResolvedLimits = { [K in keyof Limits]-?: number };

interface Range {
  preset: number;
  min: number;
  max: number;
  unit: string;
}

/** Node packages have files of 6 to 10 KiB on average. */
const BYTES_PER_INODE = 8 * KiB;

/** Those of the disk are what its layout can hold. */
const ranges: Record<keyof Limits, Range> = {
  diskBytes: { preset: 512 * MiB, min: MiB, max: 4 * GiB, unit: "bytes" },
  inodes: { preset: 0, min: 64, max: 2 ** 20, unit: "inodes" },
  memoryBytes: { preset: 256 * MiB, min: 16 * MiB, max: 2 * GiB, unit: "bytes" },
  machineMemoryBytes: { preset: GiB, min: 128 * MiB, max: 64 * GiB, unit: "bytes" },
  // V8's longest string has 512 Mi characters.
  outputBytes: { preset: 16 * MiB, min: KiB, max: 256 * MiB, unit: "bytes" },
  responseBytes: { preset: 16 * MiB, min: KiB, max: 256 * MiB, unit: "bytes" },
  stdinBytes: { preset: 64 * MiB, min: 0, max: GiB, unit: "bytes" },
  // Linux's MAX_ARG_STRLEN. Written as JSON they may take six times that, and a message takes 1 MiB.
  argumentBytes: { preset: 128 * KiB, min: 0, max: 128 * KiB, unit: "bytes" },
  processes: { preset: 64, min: 1, max: 1024, unit: "processes" },
  threads: { preset: 128, min: 1, max: 4096, unit: "threads" },
  // The usual `ulimit -n` of a Linux login.
  openFiles: { preset: 1024, min: 16, max: 65_536, unit: "open files" },
  connections: { preset: 1024, min: 0, max: 65_536, unit: "connections" },
  networkBytes: { preset: Number.MAX_SAFE_INTEGER, min: 0, max: Number.MAX_SAFE_INTEGER, unit: "bytes" },
  networkBytesPerSecond: { preset: GiB, min: KiB, max: 64 * GiB, unit: "bytes a second" },
  dnsPerSecond: { preset: 100, min: 1, max: 10_000, unit: "questions a second" },
};

const names = Object.keys(ranges) as (keyof Limits)[];

/** What can't be changed of a disk that there is. */
export type DiskLimits = Pick<ResolvedLimits, "diskBytes" | "inodes">;

/** Checks the limits that were given and fills in the others. `disk`: those of a disk that is restored. */
export function checkLimits(value: unknown, disk?: DiskLimits): ResolvedLimits {
  const given = readFields(value, "limits", names, "limits.");
  const limits = {} as ResolvedLimits;
  for (const name of names) {
    const { preset, ...range } = ranges[name];
    limits[name] = given[name] === undefined ? preset : checkInteger(given[name], `limits.${name}`, range);
  }
  if (disk !== undefined) takeDisk(limits, given, disk);
  else if (given.inodes === undefined) {
    limits.inodes = Math.max(1024, Math.floor(limits.diskBytes / BYTES_PER_INODE));
  }
  if (limits.memoryBytes > limits.machineMemoryBytes) {
    throw new InvalidOptionError({
      key: "limits.memoryBytes",
      expected: `at most limits.machineMemoryBytes, which is ${limits.machineMemoryBytes}`,
      received: String(limits.memoryBytes),
    });
  }
  return limits;
}

function takeDisk(
  limits: ResolvedLimits,
  given: Partial<Record<keyof Limits, unknown>>,
  disk: DiskLimits,
): void {
  for (const name of ["diskBytes", "inodes"] as const) {
    if (given[name] !== undefined && limits[name] !== disk[name]) {
      throw new InvalidOptionError({
        key: `limits.${name}`,
        expected: `that of the snapshot, which is ${disk[name]}, or left out`,
        received: String(limits[name]),
      });
    }
    limits[name] = disk[name];
  }
}
