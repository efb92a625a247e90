import { dirname } from "node:path";
import { type DiskMemory, formatDisk } from "../../../src/disk/disk.js";
import { openDisk, put, type TestDisk } from "../support.js";
import { caller, type Maker, makePlace } from "./oracle.js";

/** A disk with the place that the oracle has, and whoever calls in it. */
export function placeOnDisk(
  memory: DiskMemory,
  size: { bytes: number; inodes: number },
  base: string,
): TestDisk {
  formatDisk(memory, size);
  openDisk(memory).disk.chmod("/", 0o777);
  const { disk } = openDisk(memory, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, umask: 0 });
  const maker: Maker = {
    mkdir: (path, mode) => void disk.mkdir(path, mode),
    writeFile(path, text, mode) {
      put(disk, path, text, mode);
    },
    chown: (path, uid, gid) => void disk.chown(path, uid, gid),
  };
  const above: string[] = [];
  for (let at = dirname(base); at !== "/"; at = dirname(at)) above.unshift(at);
  for (const folder of above) disk.mkdir(folder, 0o755);
  makePlace(maker, base);
  const used = openDisk(memory, { ...caller, umask: 0o022 });
  used.credentials.cwd = used.disk.resolveDirectory(base);
  return used;
}
