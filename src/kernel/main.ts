/** The kernel: main thread of a machine, from a Node that stage 0 has prepared to the host's commands. */
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import {
  checkDisk,
  type DiskMemory,
  type DiskSize,
  diskMemorySize,
  formatDisk,
  holdsDisk,
} from "../disk/disk.js";
import { JailError } from "../jail/jail-error.js";
import { lockMachine } from "../jail/lock.js";
import { adoptDiskMemory, createDiskInFile, createDiskMemory, lockFile, roundUp } from "../jail/memory.js";
import type { DiskCheck } from "../wire/index.js";
import { lazyTar } from "./archive/library.js";
import { administrator, makeBaseTree } from "./base-tree.js";
import { type KernelConfig, parseConfig } from "./config.js";
import { FreedBlocks } from "./freed-blocks.js";
import { HostLink } from "./host-link.js";
import { mapCachedScript, mapScript } from "./image-memory.js";
import { failClosed } from "./report.js";
import { Tidying } from "./tidying.js";

/** The socket to the host. */
const WIRE_FD = 3;

/** The most that is read of the wire at a time. */
const READ_BYTES = 256 * 1024;

/** How long giving memory back may wait for a guest to leave the disk, in milliseconds. */
const LOCK_PATIENCE = 5;

process.on("uncaughtException", (error) => failClosed("uncaught", error));

/** The file of the disk can't be used: the host knows the words. */
class FileProblem extends Error {}

function main(): void {
  const config = parseConfig(process.argv[2]);
  const directory = dirname(process.argv[1] as string);
  const boot = mapCachedScript(directory, "guest.js");
  const { memory, fd, check, discard } = mountDisk(config.disk);
  const commands = mapCachedScript(directory, "commands.cjs");
  const tar = lazyTar(mapScript(directory, "tar.cjs"));
  const link = new HostLink({ boot, disk: memory }, commands, fd, config.spare, tar);
  // A thread takes as long to boot as all that follows here, and runs no program before the host says so.
  link.warm();
  makeBaseTree(memory);
  process.chdir("/");
  const socket = openWire();
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

/** The socket to the host, which reads into the same memory each time. */
function openWire(): Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  const socket: Socket = new Socket({
    ...{ fd: WIRE_FD, readable: true, writable: true },
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length, bytes) => socket.emit("data", bytes.subarray(0, length)),
    },
  });
  return socket;
}

/** Nothing here may outlive the host, not even by the time that ending threads takes. */
function endMachine(): void {
  process.kill(process.pid, "SIGKILL");
}

function mountDisk({ bytes, inodes, adopt, size, file }: KernelConfig["disk"]) {
  if (adopt !== null && file !== undefined) return mountFile(adopt, file, { bytes, inodes });
  if (adopt !== null) {
    const { memory, fd, discard } = adoptDiskMemory(adopt, size as number);
    return { memory, fd, check: checked(memory), discard };
  }
  const byteLength = diskMemorySize({ bytes, inodes });
  const backing = createDiskMemory(byteLength);
  const memory = backing?.memory ?? { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(memory, { bytes, inodes });
  return { memory, fd: backing?.fd ?? null, check: undefined, discard: backing?.discard };
}

/** The disk in a file of the host's, which is made in it the first time. */
function mountFile(file: number, { offset, madeAt }: { offset: number; madeAt: number }, size: DiskSize) {
  if (!lockFile(file)) throw new FileProblem("busy");
  // Not before: another runtime may have made it meanwhile.
  const made = Buffer.alloc(4);
  readSync(file, made, 0, made.length, madeAt);
  const byteLength = diskMemorySize(size);
  if (made.readUInt32LE() === 0) {
    const { memory, fd, discard } = createDiskInFile(file, byteLength, offset);
    formatDisk(memory, size);
    return { memory, fd, check: undefined, discard };
  }
  const { memory, fd, discard } = adoptDiskMemory(file, roundUp(byteLength), offset);
  // What can't be read is left as it is: it may be worth something to somebody.
  if (!holdsDisk(memory, size)) throw new FileProblem("damaged");
  return { memory, fd, check: checked(memory), discard };
}

function checked(memory: DiskMemory): DiskCheck {
  const { repaired, problems, formatted } = checkDisk(memory);
  return { repaired, problems: [...problems], formatted };
}

try {
  main();
} catch (error) {
  // The host tells its user what the system lacks for a jail, and what is wrong with a file.
  failClosed(error instanceof JailError ? "jail" : error instanceof FileProblem ? "file" : "boot", error);
}
