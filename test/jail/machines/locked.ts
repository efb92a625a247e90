/**
 * A locked machine with a disk. argv: `create` or the size of a disk to adopt from fd 4; `late` waits
 * for the wire to end before the lock. Tells on fd 3 what it found, and stays until the wire ends.
 */
import { readFileSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { lockMachine } from "../../../src/jail/lock.js";
import { adoptDiskMemory, createDiskMemory, type DiskBacking } from "../../../src/jail/memory.js";

const MIB = 1 << 20;
const SIZE = 64 * MIB;

function openDisk(mode: string | undefined): DiskBacking {
  const disk = mode === "create" ? createDiskMemory(SIZE - 5) : adoptDiskMemory(4, Number(mode));
  if (disk === null) throw new Error("no memfd");
  return disk;
}

/** Runs a worker to its end and answers what it posted. */
function work(source: string, workerData: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(source, {
      eval: true,
      env: {},
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    let message: unknown;
    worker.on("message", (value) => {
      message = value;
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve(message));
  });
}

function codeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

async function main(): Promise<void> {
  const disk = openDisk(process.argv[2]);
  const { buffer, byteOffset, byteLength } = disk.memory;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const found = Buffer.from(bytes.subarray(0, 16)).toString("latin1").replaceAll("\0", "");
  const idle = new Worker("setInterval(() => {}, 1e6)", { eval: true, env: {} });
  await new Promise((resolve) => idle.once("online", resolve));
  process.chdir("/");
  if (process.argv[3] === "late") readSync(3, Buffer.alloc(1));
  const wire = new Socket({ fd: 3 });
  const { instructions } = lockMachine();

  bytes.fill(1, MIB, 33 * MIB);
  disk.discard(MIB + 1, 32 * MIB - 1);
  const written = await work(
    `const { workerData: [buffer, offset, length], parentPort } = require("node:worker_threads");
     const bytes = new Uint8Array(buffer, offset, length);
     bytes.set(Buffer.from("by a worker"), 0);
     let file;
     try { file = require("node:fs").readFileSync("/etc/passwd").length } catch (error) { file = error.code }
     parentPort.postMessage(file);`,
    [buffer, byteOffset, byteLength],
  );
  const report = {
    found,
    instructions,
    fd: disk.fd,
    size: byteLength,
    aligned: byteOffset % 16 === 0,
    written,
    afterDiscard: [bytes[MIB], bytes[MIB + 4096], bytes[33 * MIB - 1]],
    ownFile: codeOf(() => readFileSync("/etc/passwd")),
    writeDisk: codeOf(() => writeSync(disk.fd, "x")),
  };
  wire.write(`${JSON.stringify(report)}\n`);
  wire.on("end", () => process.exit(0));
  wire.resume();
}

main();
