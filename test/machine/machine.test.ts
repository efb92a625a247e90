import { readdirSync, readlinkSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { FileSystemError } from "../../src/errors/file-system-error.js";
import { MachineExitedError } from "../../src/errors/machine-exited-error.js";
import { ProtocolError } from "../../src/errors/protocol-error.js";
import { Machine } from "../../src/machine/machine.js";
import type { CallExit, MachineCall, MachineExit, StartRequest } from "../../src/machine/types.js";
import type { FsOperation } from "../../src/wire/index.js";
import { type FakeImages, fakeImages, program } from "./fake/image.js";
import type { Action } from "./fake/kernel.js";

let images: FakeImages;
const machines: Machine[] = [];
const options = { jail: "unsafe-none", disk: { bytes: 1 << 20, inodes: 100 } } as const;

beforeAll(async () => {
  images = await fakeImages();
});
afterAll(() => images.remove());
afterEach(async () => {
  for (const machine of machines.splice(0)) {
    machine.kill("killed");
    await machine.exited;
  }
});

async function launch(): Promise<Machine> {
  const machine = await Machine.launch(options, images.image());
  machines.push(machine);
  return machine;
}

function request(actions: Action[], changes: Partial<StartRequest> = {}): StartRequest {
  return {
    code: program(...actions),
    args: [],
    env: {},
    cwd: "/",
    timeout: null,
    memory: 1 << 28,
    entry: { kind: "code", filePath: null },
    valueLimit: 1 << 20,
    ...changes,
  };
}

interface Outcome {
  stdout: string;
  stderr: string;
  exit: CallExit | null;
  lost: MachineExit | null;
  stuck: string[];
  started: number[];
}

function run(
  machine: Machine,
  actions: Action[],
  changes: Partial<StartRequest> = {},
  onStuck: () => void = () => undefined,
): { call: MachineCall; done: Promise<Outcome> } {
  const outcome: Outcome = { stdout: "", stderr: "", exit: null, lost: null, stuck: [], started: [] };
  let call!: MachineCall;
  const done = new Promise<Outcome>((resolve) => {
    call = machine.start(request(actions, changes), {
      started: (pid) => outcome.started.push(pid),
      stdout(bytes, consumed) {
        outcome.stdout += Buffer.from(bytes).toString("latin1");
        consumed(bytes.length);
      },
      stderr(bytes, consumed) {
        outcome.stderr += Buffer.from(bytes).toString("latin1");
        consumed(bytes.length);
      },
      exit(exit) {
        outcome.exit = exit;
        resolve(outcome);
      },
      stuck(reason) {
        outcome.stuck.push(reason);
        onStuck();
      },
      lost(exit) {
        outcome.lost = exit;
        resolve(outcome);
      },
    });
  });
  return { call, done };
}

describe("a call", () => {
  test("has its output, its value and its exit", async () => {
    const machine = await launch();
    await machine.configure({
      hostname: "h",
      env: {},
      limits: { memory: 1, processes: 1, threads: 1, openFiles: 1 },
    });
    const { done } = run(machine, [
      { do: "stdout", text: "out" },
      { do: "stderr", text: "err" },
      { do: "value", text: '{"a":1}' },
      { do: "exit", code: 3 },
    ]);
    const { exit, ...outcome } = await done;
    expect(outcome).toEqual({ stdout: "out", stderr: "err", lost: null, stuck: [], started: [100] });
    expect(exit).toEqual({
      exitCode: 3,
      signal: null,
      termination: null,
      value: Buffer.from('{"a":1}'),
      valueTooLarge: false,
    });
    await machine.ping();
  });

  test("gets standard input of any size, and the rest is nobody's", async () => {
    const machine = await launch();
    const { call, done } = run(machine, [{ do: "echo" }, { do: "exit", code: 0 }]);
    expect(await call.writeStdin(Buffer.alloc(3_000_000, "i"))).toBe(true);
    call.endStdin();
    expect((await done).stdout).toBe("i".repeat(3_000_000));
    expect(await call.writeStdin(Buffer.from("late"))).toBe(false);
    call.kill(9, "killed");

    const deaf = run(machine, [{ do: "exit", code: 0 }]);
    const written = deaf.call.writeStdin(Buffer.alloc(3_000_000));
    await deaf.done;
    expect(await written).toBe(false);
    expect((await run(machine, [{ do: "exit", code: 1 }]).done).exit?.exitCode).toBe(1);
  });

  test("whose value is too large has none", async () => {
    const machine = await launch();
    const value = `"${"v".repeat(500_000)}"`;
    const { exit } = await run(
      machine,
      [
        { do: "value", text: value },
        { do: "exit", code: 0 },
      ],
      { valueLimit: 1000 },
    ).done;
    expect(exit).toMatchObject({ value: null, valueTooLarge: true });
  });

  test("that asks for too much at once throws and leaves nothing behind", async () => {
    const machine = await launch();
    await expect(run(machine, [], { args: ["x".repeat(1 << 20)] }).done).rejects.toThrow(RangeError);
    expect((await run(machine, [{ do: "exit", code: 0 }]).done).exit?.exitCode).toBe(0);
  });

  test("is one of many at once", async () => {
    const machine = await launch();
    const outcomes = await Promise.all(
      Array.from(
        { length: 50 },
        (_, index) =>
          run(machine, [
            { do: "stdout", text: `${index}` },
            { do: "flood", bytes: 400_000 },
            { do: "exit", code: index },
          ]).done,
      ),
    );
    outcomes.forEach(({ stdout, exit }, index) => {
      expect(stdout).toBe(`${index}${"f".repeat(400_000)}`);
      expect(exit?.exitCode).toBe(index);
    });
  });

  test("that gets stuck says so, and what it wrote comes before the end of its machine", async () => {
    const machine = await launch();
    const actions: Action[] = [
      { do: "flood", bytes: 2_000_000 },
      { do: "stdout", text: "last" },
      { do: "stuck", reason: "timeout" },
    ];
    const outcome = await run(machine, actions, {}, () => machine.kill("timeout")).done;
    expect(outcome.stuck).toEqual(["timeout"]);
    expect(outcome.stdout).toBe(`${"f".repeat(2_000_000)}last`);
    expect(outcome.lost).toMatchObject({ reason: "timeout", signal: "SIGKILL", breach: null });
  });
});

describe("the disk", () => {
  test("takes and gives bytes", async () => {
    const machine = await launch();
    const write = (path: string): FsOperation => ({ op: "writeFile", path, mode: null, parents: false });
    await machine.fs(write("/1000000"), Buffer.alloc(1_000_000));
    await machine.fs(write("/0"));
    const failed = await machine.fs(write("/5"), Buffer.alloc(1)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FileSystemError);
    expect(failed).toMatchObject({ code: "EACCES", errno: -13, syscall: "open", path: "/5" });
    const { data } = await machine.fs({ op: "readFile", path: "/2000000", limit: 2_000_000 });
    expect(data?.equals(Buffer.alloc(2_000_000, "r"))).toBe(true);
    expect((await machine.fs({ op: "exists", path: "/yes" })).value).toBe(true);
    expect((await machine.fs({ op: "exists", path: "/no" })).value).toBe(false);
    const { entries } = await machine.fs({ op: "readdir", path: '/[["a","file"]]' });
    expect(entries).toEqual([["a", "file"]]);
  });

  test("that never answers ends its machine, which says so", async () => {
    const machine = await launch();
    // The machine's own clock is real: only the host's seconds are counted faster.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const mute = [
        machine.fs({ op: "stat", path: "/mute" }),
        machine.fs({ op: "readFile", path: "/mute", limit: 10 }),
      ].map((call) => call.catch((error: unknown) => error));
      const { done } = run(machine, [{ do: "stdout", text: "runs" }]);
      vi.advanceTimersByTime(9_500);
      expect((await machine.fs({ op: "exists", path: "/yes" })).value).toBe(true);
      vi.advanceTimersByTime(1_000);
      for (const error of await Promise.all(mute)) {
        expect(error).toBeInstanceOf(MachineExitedError);
        expect(error).toMatchObject({
          reason: "unresponsive",
          message: expect.stringMatching("did not answer"),
        });
      }
      expect((await done).lost).toMatchObject({ reason: "unresponsive", signal: "SIGKILL" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("whose bytes are taken away rejects, and the machine lives on", async () => {
    const machine = await launch();
    const bytes = new Uint8Array(2_000_000);
    const written = machine.fs({ op: "writeFile", path: "/2000000", mode: null, parents: false }, bytes);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    await expect(written).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_INVALID_OPTION", key: "data" });
    expect((await machine.fs({ op: "exists", path: "/yes" })).value).toBe(true);
    await machine.ping();
  });

  test("that answers what it was not asked breaks the protocol", async () => {
    const wrong: FsOperation[] = [
      { op: "readFile", path: "/11", limit: 10 },
      { op: "stat", path: "/" },
      { op: "readdir", path: "/[1]" },
      { op: "readdir", path: "/[" },
    ];
    for (const operation of wrong) {
      const machine = await launch();
      await expect(machine.fs(operation)).rejects.toThrow(ProtocolError);
      expect((await machine.exited).reason).toBe("protocol");
      await expect(machine.fs(operation)).rejects.toThrow(ProtocolError);
    }
  });
});

describe("a machine that breaks the protocol is killed and its calls are lost", () => {
  const breaches: [string, Action[]][] = [
    ["bytes that are no frame", [{ do: "raw", hex: "00".repeat(16) }]],
    ["an unknown message", [{ do: "send", message: { type: "hello" } }]],
    ["ready again", [{ do: "send", message: { type: "ready", node: "v26.10.0", landlock: 0, disk: null } }]],
    ["configured without being asked", [{ do: "send", message: { type: "configured" } }]],
    ["a pong without being asked", [{ do: "send", message: { type: "pong", call: 1 } }]],
    ["started twice", [{ do: "send", message: { type: "started", call: "CALL", pid: 1 } }]],
    ["another's exit", [{ do: "send", message: { type: "stuck", call: 999, reason: "memory" } }]],
    [
      "stuck twice",
      [
        { do: "stuck", reason: "memory" },
        { do: "stuck", reason: "memory" },
      ],
    ],
    [
      "an exit before the streams' end",
      [
        {
          do: "send",
          message: { type: "exit", call: "CALL", exitCode: 0, signal: null, termination: null, value: false },
        },
      ],
    ],
    [
      "a word about a runner that the call is not for",
      [{ do: "exit", code: 0, resident: { pid: 2, lives: true } }],
    ],
    [
      "an audit report that nobody wants",
      [
        {
          do: "send",
          message: {
            type: "audit",
            scope: "fs",
            operation: "read",
            resource: "/",
            decision: "deny",
            rule: null,
            suppressed: 0,
          },
        },
      ],
    ],
    ["spare after spare", Array(50).fill({ do: "send", message: { type: "spare" } })],
    [
      "a result of no operation",
      [{ do: "send", message: { type: "fsResult", call: 77, error: null, value: null } }],
    ],
  ];
  for (const [name, actions] of breaches) {
    test(name, async () => {
      const machine = await launch();
      const text = JSON.stringify(actions).replaceAll('"CALL"', "1");
      const { done } = run(machine, JSON.parse(text) as Action[]);
      const other = run(machine, [{ do: "echo" }]);
      const { lost } = await done;
      expect(lost).toMatchObject({ reason: "protocol" });
      expect(lost?.breach).toBeTruthy();
      expect((await other.done).lost).toEqual(lost);
      expect(await machine.exited).toEqual(lost);
    });
  }
});

describe("the end of a machine", () => {
  test("comes after all it sent", async () => {
    for (const last of [{ do: "quit", code: 5 }, { do: "abort" }] as Action[]) {
      const machine = await launch();
      const { done } = run(machine, [{ do: "flood", bytes: 200_000 }, { do: "stderr", text: "bye" }, last]);
      const { stdout, stderr, lost } = await done;
      expect(stdout.length).toBe(200_000);
      expect(stderr).toBe("bye");
      expect(lost).toMatchObject(
        last.do === "quit"
          ? { reason: "crashed", exitCode: 5, signal: null }
          : { reason: "crashed", exitCode: null, signal: "SIGABRT" },
      );
    }
  });

  test("is told once, whatever kills it how often", async () => {
    const machine = await launch();
    const { done } = run(machine, [{ do: "echo" }]);
    const waiting = machine.fs({ op: "readFile", path: "/1", limit: 1 }).catch((error: unknown) => error);
    const ping = machine.ping().catch((error: unknown) => error);
    machine.kill("memory");
    machine.kill("killed");
    const exit = await machine.exited;
    expect(exit).toEqual({ reason: "memory", signal: "SIGKILL", exitCode: null, stderr: "", breach: null });
    expect((await done).lost).toEqual(exit);
    for (const error of [await waiting, await ping]) {
      expect(error).toBeInstanceOf(MachineExitedError);
      expect(error).toMatchObject({ code: "ERR_SECURE_EXEC_MACHINE_EXITED", reason: "memory" });
    }
    machine.kill("killed");
    await expect(machine.ping()).rejects.toThrow(MachineExitedError);
    expect((await run(machine, []).done).lost).toEqual(exit);
  });

  test("from outside is a crash", async () => {
    const machine = await launch();
    process.kill(machine.pid, "SIGKILL");
    expect(await machine.exited).toMatchObject({ reason: "crashed", signal: "SIGKILL" });
  });

  test("comes to one that has closed its wire and lives on", async () => {
    const machine = await launch();
    run(machine, [{ do: "close" }]);
    expect(await machine.exited).toMatchObject({ reason: "crashed", signal: "SIGKILL" });
  });

  test("tells what it said, without what it knows of the host", async () => {
    const machine = await launch();
    const text = `FATAL ERROR: it broke in ${process.cwd()}/x.js\nsomething about pid 123\n`;
    run(machine, [
      { do: "say", text },
      { do: "quit", code: 1 },
    ]);
    const { stderr } = await machine.exited;
    expect(stderr).toBe("FATAL ERROR: it broke in <path>");
  });
});

describe("the watch", () => {
  const limits = { memory: 1, processes: 1, threads: 1, openFiles: 1 };

  test("kills a machine over its memory, soon", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits, watch: { memory: 200 << 20 } });
    const { done } = run(machine, [{ do: "eat", bytes: 4 * 1024 ** 3 }]);
    expect((await done).lost?.reason).toBe("memory");
  });

  test("kills a machine that only reads memory which it never wrote", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits, watch: { memory: 200 << 20 } });
    const { done } = run(machine, [
      { do: "peruse", bytes: 120 * 1024 ** 3 },
      { do: "exit", code: 0 },
    ]);
    expect((await done).lost?.reason).toBe("memory");
  });

  test("kills a machine that lives on without its main thread", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits });
    const { done } = run(machine, [{ do: "behead" }]);
    expect((await done).lost).toMatchObject({
      reason: "protocol",
      breach: "its main thread ended and others went on",
    });
  });

  test("takes a machine of much memory that crashes for what it is", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits });
    const { done } = run(machine, [
      { do: "eat", bytes: 600 << 20 },
      { do: "threads", count: 8 },
      { do: "abort" },
    ]);
    expect((await done).lost).toMatchObject({ reason: "crashed", signal: "SIGABRT" });
  });

  test("kills a machine over its threads", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits, watch: { threads: 30 } });
    const { done } = run(machine, [{ do: "threads", count: 40 }, { do: "echo" }]);
    expect((await done).lost?.reason).toBe("threads");
  });

  test("lets a machine within its limits be", async () => {
    const machine = await launch();
    await machine.configure({ hostname: "h", env: {}, limits, watch: { memory: 1 << 30 } });
    const { done } = run(machine, [
      { do: "eat", bytes: 100 << 20 },
      { do: "spin", ms: 100 },
      { do: "exit", code: 0 },
    ]);
    expect((await done).exit?.exitCode).toBe(0);
  });
});

function descriptors(): number {
  let count = 0;
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      // What libuv keeps for itself comes and goes.
      if (!readlinkSync(`/proc/self/fd/${fd}`).startsWith("anon_inode:")) count++;
    } catch {
      // The descriptor of this very listing.
    }
  }
  return count;
}

test("200 machines leave no descriptor, no listener and no process", async () => {
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 10) {
      const batch = await Promise.all(
        Array.from({ length: 10 }, () => Machine.launch(options, images.image())),
      );
      await Promise.all(
        batch.map(async (machine, index) => {
          if (index % 2 === 0)
            await run(machine, [
              { do: "stdout", text: "x" },
              { do: "exit", code: 0 },
            ]).done;
          machine.kill("killed");
          await machine.exited;
        }),
      );
    }
  };
  await rounds(10);
  const before = { fds: descriptors(), listeners: process.listenerCount("exit") };
  await rounds(200);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect({ fds: descriptors(), listeners: process.listenerCount("exit") }).toEqual(before);
}, 120_000);
