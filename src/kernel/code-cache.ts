/**
 * Run once by the build, on the pinned Node and with a silent socket as descriptor 3: keeps what V8 makes of the
 * kernel and of the guest's boot, so that no machine has to compile them. V8 itself refuses the cache of
 * another version or architecture; the build makes scripts and caches together.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { diskMemorySize, formatDisk } from "../disk/disk.js";
import { commandScript } from "../programs/script.js";
import { guestScript } from "../syscall/guest-script.js";
import { makeBaseTree } from "./base-tree.js";
import type { KernelConfig } from "./config.js";
import { type GuestImage, GuestThread } from "./guest-thread.js";
import { cachePath, readBundle } from "./image-files.js";
import { kernelScript } from "./kernel-script.js";

declare const require: NodeJS.Require;

const MiB = 1024 * 1024;
const LOOK = 20;
const GIVE_UP = 20_000;
const BOOT = 300;

const directory = process.argv[2] as string;
const size = { bytes: MiB, inodes: 256 };

/** The first thread sends the cache as soon as it has done what nearly every program does first. */
function cacheGuest(then: () => void): void {
  const byteLength = diskMemorySize(size);
  const disk = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(disk, size);
  makeBaseTree(disk);
  const image: GuestImage = { script: guestScript(readBundle(directory, "guest.js")), disk };
  const thread = new GuestThread(image, 64 * MiB);
  const begun = performance.now();
  const timer = setInterval(() => {
    if (image.cache === undefined) {
      if (performance.now() - begun > GIVE_UP) process.exit(1);
      return;
    }
    clearInterval(timer);
    writeFileSync(cachePath(directory, "guest.js"), image.cache);
    thread.worker.once("exit", then);
    thread.worker.terminate();
  }, LOOK);
}

/** Boots the kernel, to whom nobody says anything. */
function cacheKernel(): void {
  const config: KernelConfig = { jail: false, disk: { ...size, adopt: null }, spare: false };
  process.argv = [process.argv[0] as string, join(directory, "kernel.cjs"), JSON.stringify(config)];
  const script = kernelScript(directory);
  script.runInThisContext()(require);
  setTimeout(() => {
    writeFileSync(cachePath(directory, "kernel.cjs"), script.createCachedData());
    process.exit();
  }, BOOT);
}

/** A little of all that scripts do, so that the cache has it compiled. */
const sample =
  'f() { local a=$1; [ "$a" = 1 ] && return 0; }; for i in 1 2; do f $i; done; x=$(echo a | { read y; echo "$y"; })';

/** Runs a shell, whose functions are then in the cache. */
function cacheCommands(then: () => void): void {
  const script = new Script(commandScript(readBundle(directory, "commands.cjs")), { filename: "sh" });
  const exports = {} as { program(name: string, args: string[]): Promise<number> };
  script.runInThisContext()(require, exports);
  exports.program("sh", ["-c", sample]).then(() => {
    writeFileSync(cachePath(directory, "commands.cjs"), script.createCachedData());
    then();
  });
}

cacheCommands(() => cacheGuest(cacheKernel));
