/**
 * A guest without Node's library behind it, for tests of the kernel: the program is the body of a
 * function of `sys`.
 */
import { type MessagePort, workerData } from "node:worker_threads";
import { Disk, type DiskMemory } from "../../src/disk/disk.js";
import { GATE, GuestChannel } from "../../src/syscall/channel.js";
import { ERESTARTSYS } from "../../src/syscall/errno.js";
import * as numbers from "../../src/syscall/numbers.js";
import { FdTable } from "../../src/syscall/process-page.js";

interface Data {
  disk: DiskMemory;
  threadPage: SharedArrayBuffer;
  processPage: SharedArrayBuffer;
  port: MessagePort;
  owner: number;
}

const { disk: memory, threadPage, processPage, port, owner } = workerData as Data;
const channel = new GuestChannel(threadPage, () => port.postMessage(0));
const files = new FdTable(processPage);
const owned = { id: owner, gate: channel.control, gateIndex: GATE };
const disk = new Disk(memory, owned, { uid: 1000, gid: 1000, umask: 0o022, cwd: 1 });

const sys = {
  ...numbers,
  channel,
  disk,
  files,
  memory,
  owner,
  threadPage,
  start: {} as Record<string, unknown>,
  write(fd: number, text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    for (let at = 0; at < bytes.length; at += 65536) {
      channel.post(numbers.SYS_WRITE, fd, 0, bytes.subarray(at, at + 65536));
    }
  },
  read(most: number): string {
    const bytes = Buffer.alloc(most);
    for (;;) {
      const count = disk.read(files.get(0), bytes, 0, most, -1);
      if (count !== -ERESTARTSYS) return count < 0 ? String(count) : bytes.toString("utf8", 0, count);
      disk.wait();
    }
  },
  value(json: string): void {
    const bytes = Buffer.from(json);
    for (let at = 0; at < bytes.length || at === 0; at += 65536) {
      channel.post(numbers.SYS_VALUE, at === 0 ? 1 : 0, 0, bytes.subarray(at, at + 65536));
    }
  },
  exit(code: number): void {
    channel.post(numbers.SYS_EXIT, code, 0);
    (process as unknown as { reallyExit(code: number): void }).reallyExit(code);
  },
  port,
};

port.on("message", (message: { t: string; entry: { code: string } }) => {
  if (message.t !== "start") return;
  port.unref();
  sys.start = message as never;
  const run = new Function("sys", "require", message.entry.code) as (...args: unknown[]) => void;
  run(sys, require);
});
port.postMessage({ t: "ready" });
