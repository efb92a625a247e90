import { Disk, type DiskMemory } from "../disk/disk.js";
import { O_CREAT, O_EXCL, O_TRUNC, O_WRONLY, S_IFCHR, S_IFDIR, S_IFMT } from "../disk/modes.js";

import { commandNames, shellNames } from "../programs/names.js";
import { COMMAND_LINE, NODE_FILE } from "./spawn/executable.js";

const USER = 1000;

/** The directories that every machine has: path, mode, owner. */
const directories: readonly (readonly [string, number, number])[] = [
  ["/bin", 0o755, 0],
  ["/dev", 0o755, 0],
  ["/dev/shm", 0o1777, 0],
  ["/etc", 0o755, 0],
  ["/home", 0o755, 0],
  ["/home/user", 0o755, USER],
  ["/proc", 0o555, 0],
  ["/root", 0o700, 0],
  ["/tmp", 0o1777, 0],
  ["/usr", 0o755, 0],
  ["/usr/bin", 0o755, 0],
  ["/usr/lib", 0o755, 0],
  ["/usr/local", 0o755, 0],
  ["/usr/local/bin", 0o755, 0],
  ["/usr/local/lib", 0o755, 0],
  ["/var", 0o755, 0],
  ["/var/tmp", 0o1777, 0],
];

/** Path and number; guests know what they give and take. */
const devices: readonly (readonly [string, number])[] = [
  ["/dev/null", 0x103],
  ["/dev/zero", 0x105],
  ["/dev/full", 0x107],
  ["/dev/random", 0x108],
  ["/dev/urandom", 0x109],
  ["/dev/tty", 0x500],
];

const links: readonly (readonly [string, string])[] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
  ["/etc/mtab", "/proc/self/mounts"],
];

const passwd =
  "root:x:0:0:root:/root:/bin/sh\n" +
  "user:x:1000:1000:user:/home/user:/bin/sh\n" +
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const group = "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n";

/** Makes what every guest expects to find; on a disk that has lived, what is missing of it. */
export function makeBaseTree(memory: DiskMemory): void {
  const disk = administrator(memory);
  for (const [path, mode, owner] of directories) {
    if (disk.mkdir(path, mode) < 0) {
      if (isDirectory(disk, path)) continue;
      // What stands there and is no directory can't be of use to anybody.
      disk.unlink(path);
      disk.mkdir(path, mode);
    }
    if (owner !== 0) disk.chown(path, owner, owner);
  }
  for (const [path, device] of devices) disk.mknod(path, S_IFCHR | 0o666, device);
  for (const [path, target] of links) disk.symlink(target, path);
  disk.setVirtual("/proc");
  writeNew(disk, "/etc/passwd", passwd, 0o644);
  writeNew(disk, "/etc/group", group, 0o644);
  writeNew(disk, "/usr/local/bin/node", NODE_FILE, 0o755);
  const [shell, ...others] = [...shellNames, ...commandNames].map((name) => `/bin/${name}`);
  writeNew(disk, shell as string, `${COMMAND_LINE}\n`, 0o755);
  for (const path of others) disk.link(shell as string, path);
  disk.symlink("../../bin/env", "/usr/bin/env");
}

/** Writes the files that tell the machine's name. */
export function writeHostname(memory: DiskMemory, hostname: string): void {
  const disk = administrator(memory);
  const hosts = `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t${hostname}\n`;
  write(disk, "/etc/hostname", `${hostname}\n`, 0o644);
  write(disk, "/etc/hosts", hosts, 0o644);
}

/** A face of the disk for the kernel itself; its calls give up after so many milliseconds without the lock. */
export function administrator(memory: DiskMemory, patience = 100): Disk {
  const owner = { id: 1, gate: new Int32Array(1), gateIndex: 0 };
  return new Disk(memory, owner, { uid: 0, gid: 0, umask: 0, cwd: 1 }, { patience });
}

function isDirectory(disk: Disk, path: string): boolean {
  const out = new Float64Array(18);
  return disk.stat(path, out) === 0 && ((out[1] as number) & S_IFMT) === S_IFDIR;
}

/** Leaves a file alone that is there. */
function writeNew(disk: Disk, path: string, text: string, mode: number): void {
  write(disk, path, text, mode, O_EXCL);
}

function write(disk: Disk, path: string, text: string, mode: number, flag = O_TRUNC): void {
  const bytes = Buffer.from(text);
  disk.writeSmall(path, O_WRONLY | O_CREAT | flag, mode, bytes, bytes.length);
}
