/**
 * Run once by the build, on the pinned Node: keeps what V8 makes of the guest's boot, so that no machine
 * has to compile it. V8 itself refuses the cache of another version, architecture or source.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { diskMemorySize, formatDisk } from "../disk/disk.js";
import { guestScript } from "../syscall/guest-script.js";
import { makeBaseTree } from "./base-tree.js";
import { type GuestImage, GuestThread } from "./guest-thread.js";
import { guestCachePath, guestSourcePath } from "./image-files.js";

const MiB = 1024 * 1024;
const LOOK = 20;
const GIVE_UP = 20_000;

const directory = process.argv[2] as string;
const size = { bytes: MiB, inodes: 256 };
const byteLength = diskMemorySize(size);
const disk = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
formatDisk(disk, size);
makeBaseTree(disk);

// Its first thread sends the cache as soon as it has done what nearly every program does first.
const image: GuestImage = { script: guestScript(readFileSync(guestSourcePath(directory), "utf8")), disk };
const thread = new GuestThread(image, 64 * MiB);
const begun = performance.now();
const timer = setInterval(() => {
  if (image.cache !== undefined) writeFileSync(guestCachePath(directory), image.cache);
  else if (performance.now() - begun < GIVE_UP) return;
  else process.exitCode = 1;
  clearInterval(timer);
  thread.worker.terminate();
}, LOOK);
