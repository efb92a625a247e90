import { fileURLToPath } from "node:url";
import { MessageChannel, Worker } from "node:worker_threads";
import { rolldown } from "rolldown";
import { wrap } from "../../scripts/wrap.mjs";
import { Disk, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { makeBaseTree } from "../../src/kernel/base-tree.js";
import { createThreadPage, KernelChannel, LATER } from "../../src/syscall/channel.js";
import { EAGAIN, EINVAL } from "../../src/syscall/errno.js";
import { guestLoader } from "../../src/syscall/guest-script.js";
import {
  SYS_EXIT,
  SYS_KILL,
  SYS_RESOLVE,
  SYS_THREAD,
  SYS_V8_FLAGS,
  SYS_VALUE,
  SYS_WRITE,
} from "../../src/syscall/numbers.js";
import { createProcessPage, FdTable, STDERR_PIPE, STDOUT_PIPE } from "../../src/syscall/process-page.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds the guest's boot as `scripts/build.mjs` does. */
export async function buildGuest(): Promise<string> {
  const build = await rolldown({
    cwd: root,
    input: "src/guest/main.ts",
    platform: "node",
    external: [/^node:/],
    tsconfig: `${root}tsconfig.json`,
  });
  const { output } = await build.generate({ format: "cjs", comments: false });
  await build.close();
  return wrap("guest.js", output[0].code);
}

export interface GuestRun {
  code: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string | Uint8Array;
  filePath?: string;
  /** What the code is written in, and the compiler's file for it. */
  dialect?: { language: string; compiler: string | null };
  /** Runs the code as `node --eval` with these options more. */
  options?: Record<string, boolean | string>;
}

export interface GuestResult {
  stdout: string;
  stderr: string;
  exitCode: number;
  signal: number | null;
  value: unknown;
  /** ms from the start message to the first byte, and to the end */
  firstOutput: number;
  total: number;
  /** What the machine itself would have printed. */
  native: string;
}

const diskSize = { bytes: 64 * 2 ** 20, inodes: 32_768 };

/** A kernel of one guest process, in the test's own process and without a jail. */
export class TestMachine {
  readonly #source: string;
  readonly memory: { buffer: SharedArrayBuffer; byteOffset: number; byteLength: number };
  readonly disk: Disk;
  #owner = 1;
  #cache: Uint8Array | undefined;

  constructor(source: string, size = diskSize) {
    this.#source = source;
    const byteLength = diskMemorySize(size);
    this.memory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
    formatDisk(this.memory, size);
    makeBaseTree(this.memory);
    this.disk = this.#root();
  }

  #root(): Disk {
    const gate = new Int32Array(new SharedArrayBuffer(4));
    return new Disk(
      this.memory,
      { id: this.#owner++, gate, gateIndex: 0 },
      { uid: 0, gid: 0, umask: 0, cwd: 1 },
    );
  }

  /** Boots a guest thread; `ready` resolves to the milliseconds that it took. */
  boot(): TestGuest {
    const guest = new TestGuest(this.#source, this.memory, this.disk, ++this.#owner + 1000, this.#cache);
    guest.onCache = (bytes) => {
      this.#cache ??= bytes;
    };
    return guest;
  }

  async run(run: GuestRun): Promise<GuestResult> {
    const guest = this.boot();
    await guest.ready;
    return guest.run(run);
  }
}

let lastPid = 100;

/** Options of `node --input-type=module --eval`. */
const evaluated = { "--input-type": "module", "[has_eval_string]": true };

export class TestGuest {
  readonly ready: Promise<number>;
  readonly worker: Worker;
  /** Gets what V8 made of the boot, when the guest had time for it. */
  onCache: (bytes: Uint8Array) => void = () => {};
  /** Gets each piece of output as it is written. */
  onOutput: (text: string) => void = () => {};
  readonly #channel: KernelChannel;
  readonly #port;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #value: Buffer[] = [];
  #hasValue = false;
  #native = "";
  #exit: number | null = null;
  #signal: number | null = null;
  readonly #disk: Disk;
  readonly #stdin = new Int32Array(2);
  #started = 0;
  #first = 0;
  #ended: Promise<number>;
  #error: unknown;

  constructor(source: string, memory: unknown, disk: Disk, owner: number, cache: Uint8Array | undefined) {
    this.#disk = disk;
    disk.pipe(this.#stdin, 0);
    disk.fchown(this.#stdin[0] as number, 1000, 1000);
    const threadPage = createThreadPage();
    const processPage = createProcessPage(256);
    const { port1, port2 } = new MessageChannel();
    const begin = performance.now();
    this.#channel = new KernelChannel(threadPage);
    this.#port = port1;
    const files = new FdTable(processPage);
    files.set(0, this.#stdin[0] as number);
    files.set(1, STDOUT_PIPE);
    files.set(2, STDERR_PIPE);
    this.worker = new Worker(guestLoader, {
      eval: true,
      stdin: true,
      stdout: true,
      stderr: true,
      env: {},
      argv: [],
      execArgv: ["--expose-internals", "--no-addons", "--no-experimental-ffi", "--no-warnings"],
      trackUnmanagedFds: false,
      workerData: {
        disk: memory,
        threadPage,
        processPage,
        port: port2,
        owner,
        source: Buffer.from(source),
        cache,
      },
      resourceLimits: { maxOldGenerationSizeMb: 512 },
      transferList: [port2],
    });
    this.ready = new Promise((resolve) => {
      port1.on("message", (message) => {
        if (message === 0) this.#drain();
        else if (message.t === "ready") resolve(performance.now() - begin);
        else if (message.t === "cache") this.onCache(message.bytes);
      });
    });
    this.worker.on("error", (error) => {
      this.#error = error;
    });
    const say = (bytes: Buffer) => {
      this.#native += bytes;
    };
    this.worker.stdout.on("data", say);
    this.worker.stderr.on("data", say);
    this.#ended = new Promise((resolve) => {
      this.worker.on("exit", (code) => {
        this.#drain();
        this.#port.close();
        resolve(code);
      });
    });
  }

  /** Says something that a kernel says. */
  send(message: { t: string }): void {
    this.#port.postMessage(message);
  }

  #drain(): void {
    this.#channel.drain((nr, a, b, bytes) => {
      if (this.#exit !== null) return 0;
      switch (nr) {
        case SYS_WRITE:
          this.#first ||= performance.now() - this.#started;
          (a === 1 ? this.#stdout : this.#stderr).push(Buffer.from(bytes));
          this.onOutput(Buffer.from(bytes).toString());
          return 0;
        case SYS_VALUE:
          if (a === 1) this.#value.length = 0;
          this.#hasValue = true;
          this.#value.push(Buffer.from(bytes));
          return 0;
        case SYS_EXIT:
          this.#exit = a;
          return 0;
        case SYS_RESOLVE:
          // As a host that allows no name.
          this.#port.postMessage({ t: "resolved", id: a, error: "EACCES", reason: null, records: null });
          return 0;
        case SYS_KILL:
          this.#signal = b;
          this.#channel.kill();
          this.worker.terminate();
          return LATER;
        // This kernel has but one thread to give.
        case SYS_V8_FLAGS:
          return -EINVAL;
        case SYS_THREAD:
          return -EAGAIN;
        default:
          return 0;
      }
    });
  }

  async run({
    code,
    args = [],
    env = {},
    cwd = "/home/user",
    stdin = "",
    filePath,
    dialect,
    options,
  }: GuestRun): Promise<GuestResult> {
    const [, writing = 0] = this.#stdin;
    const input = Buffer.from(stdin);
    // No more than there is room for.
    this.#disk.write(writing, input, 0, input.length, -1);
    this.#disk.close(writing);
    this.#started = performance.now();
    this.#port.postMessage({
      t: "start",
      pid: ++lastPid,
      ppid: 1,
      execPath: "/usr/local/bin/node",
      args,
      execArgv: [],
      env,
      cwd,
      umask: 0o022,
      uid: 1000,
      gid: 1000,
      hostname: "secure-exec",
      memory: { limit: 256 * 2 ** 20 },
      // Like the kernel's, no whole number.
      bootTime: Date.now() - 999.1875,
      startTime: Date.now(),
      stdio: ["pipe", "pipe", "pipe"],
      dialect,
      entry:
        options === undefined
          ? { kind: "module", code, filePath: filePath ?? null }
          : { kind: "node", options: { ...evaluated, "--eval": code, ...options }, exposeGc: false },
    });
    const native = await this.#ended;
    const total = performance.now() - this.#started;
    if (this.#error !== undefined && this.#exit === null && this.#signal === null)
      this.#stderr.push(Buffer.from(`worker error: ${(this.#error as Error)?.stack ?? this.#error}\n`));
    const exitCode = this.#signal !== null ? 128 + this.#signal : (this.#exit ?? native);
    const json = Buffer.concat(this.#value).toString();
    return {
      stdout: Buffer.concat(this.#stdout).toString(),
      stderr: Buffer.concat(this.#stderr).toString(),
      exitCode,
      signal: this.#signal,
      value: this.#hasValue && exitCode === 0 && json !== "" ? JSON.parse(json) : undefined,
      firstOutput: this.#first,
      total,
      native: this.#native,
    };
  }
}
