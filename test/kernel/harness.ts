import { duplexPair } from "node:stream";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import * as tar from "tar-stream";
import { wrap } from "../../scripts/wrap.mjs";
import { Egress } from "../../src/broker/egress/index.js";
import { type DiskMemory, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { makeBaseTree } from "../../src/kernel/base-tree.js";
import { HostLink } from "../../src/kernel/host-link.js";
import { Dialogue } from "../../src/machine/dialogue.js";
import type { CallExit, MachineCall, StartRequest } from "../../src/machine/types.js";
import type { TerminationReason } from "../../src/wire/index.js";

export const MiB = 1024 * 1024;

/** The guest of these tests as one script. */
export async function bundleGuest(): Promise<string> {
  const input = fileURLToPath(new URL("./guest.worker.ts", import.meta.url));
  const build = await rolldown({ input, platform: "node", external: [/^node:/] });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  return output[0].code;
}

export interface Ended extends Partial<CallExit> {
  stdout: string;
  stderr: string;
  pid: number;
  stuck: TerminationReason | null;
  milliseconds: number;
}

export interface Running {
  call: MachineCall;
  /** Both outputs as they come: [name, text]. */
  output: [string, string][];
  /** Resolves when the process has ended or is stuck. */
  ended: Promise<Ended>;
}

/** A way out that nothing takes. */
const nothing = new Egress({
  network: "deny",
  loopbackPorts: [],
  limits: { connections: 0, networkBytes: 0, networkBytesPerSecond: 1, dnsPerSecond: 1 },
});

/** A kernel in this process, and the host's end of its wire. */
export class TestMachine {
  readonly memory: DiskMemory;
  readonly host: Dialogue;
  readonly configured: Promise<void>;
  breach: string | null = null;

  constructor(source: string, { spare = true, processes = 16 } = {}) {
    const size = { bytes: 64 * MiB, inodes: 4096 };
    const byteLength = diskMemorySize(size);
    this.memory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
    formatDisk(this.memory, size);
    makeBaseTree(this.memory);
    const [machineEnd, hostEnd] = duplexPair();
    const link = new HostLink(
      { boot: { source: Buffer.from(wrap("guest.js", source)) }, disk: this.memory },
      { source: new Uint8Array() },
      null,
      spare,
      () => tar,
    );
    link.warm();
    this.host = new Dialogue(hostEnd as never, {
      breach: (reason) => {
        this.breach = reason;
      },
      unresponsive: () => undefined,
      busy: () => undefined,
      closed: () => undefined,
    });
    link.open(
      machineEnd,
      { type: "ready", node: "v26.10.0", landlock: 0, disk: null },
      { closed: () => undefined, breach: (reason) => (this.breach = reason) },
    );
    this.configured = this.host.ready.then(() =>
      this.host.configure({
        hostname: "secure-exec",
        env: {},
        limits: { memory: 256 * MiB, processes, threads: 64, openFiles: 64 },
        egress: nothing,
      }),
    );
  }

  start(code: string, request: Partial<StartRequest> = {}, slow = false): Running {
    const output: [string, string][] = [];
    const begun = performance.now();
    let pid = 0;
    let resolve: (ended: Ended) => void = () => undefined;
    const ended = new Promise<Ended>((settle) => {
      resolve = settle;
    });
    const finish = (exit: Partial<Ended>): void => {
      const text = (name: string) => output.flatMap(([from, piece]) => (from === name ? piece : [])).join("");
      const milliseconds = performance.now() - begun;
      resolve({ stuck: null, ...exit, stdout: text("out"), stderr: text("err"), pid, milliseconds });
    };
    const take = (name: string) => (bytes: Uint8Array, consumed: (bytes: number) => void) => {
      output.push([name, Buffer.from(bytes).toString()]);
      if (!slow) consumed(bytes.length);
    };
    const call = this.host.start(
      {
        code,
        args: [],
        env: {},
        cwd: "/home/user",
        timeout: null,
        memory: 256 * MiB,
        entry: { kind: "code", filePath: null },
        valueLimit: 128 * MiB,
        ...request,
      },
      {
        started: (id) => {
          pid = id;
        },
        stdout: take("out"),
        stderr: take("err"),
        exit: finish,
        // On a busy computer a thread may just be slow to end.
        stuck: (reason) => setTimeout(() => finish({ stuck: reason }), 1500),
        lost: () => finish({}),
      },
    );
    return { call, output, ended };
  }

  async run(code: string, request: Partial<StartRequest> = {}): Promise<Ended> {
    const { call, ended } = this.start(code, request);
    call.endStdin();
    return await ended;
  }
}
