import { read, write } from "node:fs";
import { promisify } from "node:util";
import type { DiskHandle } from "../../machine/index.js";
import { PIECE_BYTES, type PieceMap } from "./piece-map.js";

/*
 * Disks are copied as bytes, and nothing of what is in them means anything here.
 */

const readAt = promisify(read);
const writeAt = promisify(write);

/** What is copied from disk to disk at a time: it stays in the processor's cache. */
const COPY_BYTES = 16 * PIECE_BYTES;

/** The pieces of a disk, one after the other. */
export async function readImage(disk: DiskHandle, map: PieceMap): Promise<Buffer> {
  const image = Buffer.allocUnsafeSlow(map.byteLength);
  await disk.use(async (fd) => {
    let at = 0;
    for (const { start, length } of map.runs()) {
      await readRun(fd, image, at, length, disk.offset + start);
      at += length;
    }
  });
  return image;
}

/** Puts pieces where they belong. */
export async function writeImage(disk: DiskHandle, map: PieceMap, image: Uint8Array): Promise<void> {
  await disk.use(async (fd) => {
    let at = 0;
    for (const { start, length } of map.runs()) {
      await writeRun(fd, image, at, length, disk.offset + start);
      at += length;
    }
  });
}

/** Copies pieces from disk to disk. */
export async function copyImage(from: DiskHandle, to: DiskHandle, map: PieceMap): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(COPY_BYTES);
  await from.use((source) =>
    to.use(async (target) => {
      for (const { start, length } of map.runs()) {
        for (let at = 0; at < length; at += COPY_BYTES) {
          const part = Math.min(COPY_BYTES, length - at);
          await readRun(source, buffer, 0, part, from.offset + start + at);
          await writeRun(target, buffer, 0, part, to.offset + start + at);
        }
      }
    }),
  );
}

async function readRun(fd: number, into: Buffer, at: number, length: number, place: number): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await readAt(fd, into, at + done, length - done, place + done);
    if (bytesRead === 0) throw new Error("A disk is shorter than it was");
    done += bytesRead;
  }
}

async function writeRun(
  fd: number,
  from: Uint8Array,
  at: number,
  length: number,
  place: number,
): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesWritten } = await writeAt(fd, from, at + done, length - done, place + done);
    done += bytesWritten;
  }
}
