/** The kernel: main thread of a machine, from a Node that stage 0 has prepared to the host's commands. */
import { dirname } from "node:path";
import { checkDisk, diskMemorySize, formatDisk } from "../disk/disk.js";
import { JailError } from "../jail/jail-error.js";
import { lockMachine } from "../jail/lock.js";
import { adoptDiskMemory, createDiskMemory } from "../jail/memory.js";
import { guestScript } from "../syscall/guest-script.js";
import type { DiskCheck } from "../wire/index.js";
import { lazyTar } from "./archive/library.js";
import { administrator, makeBaseTree } from "./base-tree.js";
import { type KernelConfig, parseConfig } from "./config.js";
import { FreedBlocks } from "./freed-blocks.js";
import { sharedCopy } from "./guest-thread.js";
import { HostLink } from "./host-link.js";
import { readBundle, readCache } from "./image-files.js";
import { failClosed } from "./report.js";
import type { CommandScript } from "./spawn/program.js";
import { Tidying } from "./tidying.js";

/** The socket to the host. */
const WIRE_FD = 3;

/** How long giving memory back may wait for a guest to leave the disk, in milliseconds. */
const LOCK_PATIENCE = 5;

process.on("uncaughtException", (error) => failClosed("uncaught", error));

function main(): void {
  const config = parseConfig(process.argv[2]);
  const directory = dirname(process.argv[1] as string);
  const script = guestScript(readBundle(directory, "guest.js"));
  const cached = readCache(directory, "guest.js");
  const cache = cached && sharedCopy(cached);
  const { memory, fd, check, discard } = mountDisk(config.disk);
  const commands = readCommands(directory);
  const tar = lazyTar(readBundle(directory, "tar.cjs"));
  const link = new HostLink({ script, cache, disk: memory }, commands, fd, config.spare, tar);
  // A thread takes as long to boot as all that follows here, and runs no program before the host says so.
  link.warm();
  makeBaseTree(memory);
  process.chdir("/");
  const { Socket } = process.getBuiltinModule("node:net");
  const socket = new Socket({ fd: WIRE_FD, readable: true, writable: true });
  if (config.jail) lockMachine();
  const landlock = Number(process.env["SECURE_EXEC_LANDLOCK"] ?? 0);
  const disk = fd === null ? null : { fd, size: memory.byteLength };
  const freed = discard && new FreedBlocks(memory, administrator(memory, LOCK_PATIENCE), discard);
  const tidying = new Tidying(
    () => link.idle,
    () => freed?.release(),
  );
  link.open(
    socket,
    { type: "ready", node: process.version, landlock, disk, check },
    {
      active: () => tidying.later(),
      closed: endMachine,
      breach: (reason) => failClosed("protocol", reason),
    },
  );
}

/** The script of the commands of /bin, for when a guest runs one. */
function readCommands(directory: string): CommandScript {
  const cached = readCache(directory, "commands.cjs");
  return { source: readBundle(directory, "commands.cjs"), cache: cached && sharedCopy(cached) };
}

/** Nothing here may outlive the host, not even by the time that ending threads takes. */
function endMachine(): void {
  process.kill(process.pid, "SIGKILL");
}

function mountDisk({ bytes, inodes, adopt, size }: KernelConfig["disk"]) {
  if (adopt !== null) {
    const { memory, fd, discard } = adoptDiskMemory(adopt, size as number);
    const { repaired, problems, formatted } = checkDisk(memory);
    const check: DiskCheck = { repaired, problems: [...problems], formatted };
    return { memory, fd, check, discard };
  }
  const byteLength = diskMemorySize({ bytes, inodes });
  const backing = createDiskMemory(byteLength);
  const memory = backing?.memory ?? { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(memory, { bytes, inodes });
  return { memory, fd: backing?.fd ?? null, check: undefined, discard: backing?.discard };
}

try {
  main();
} catch (error) {
  // The host tells its user what the system lacks for a jail.
  failClosed(error instanceof JailError ? "jail" : "boot", error);
}
