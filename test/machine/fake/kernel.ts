/*
 * A machine's kernel that does what its code says, a JSON list of actions: it speaks the wire as the
 * real one does, and breaks it when told to. It runs no guest code and locks nothing.
 */
import { fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { syscall } from "../../../src/jail/native.js";
import { syscallNumber } from "../../../src/jail/seccomp/architecture.js";
import {
  Connection,
  type HostMessage,
  type MachineMessage,
  type StartMessage,
} from "../../../src/wire/index.js";

export type Action =
  | { do: "stdout" | "stderr" | "value" | "say"; text: string }
  | { do: "flood"; bytes: number }
  | { do: "echo" }
  | { do: "exit"; code: number; resident?: { pid: number; lives: boolean } }
  | { do: "stuck"; reason: "timeout" | "memory" }
  | { do: "send"; message: unknown }
  | { do: "raw"; hex: string }
  | { do: "eat"; bytes: number }
  | { do: "peruse"; bytes: number }
  | { do: "threads"; count: number }
  | { do: "behead" }
  | { do: "abort" }
  | { do: "quit"; code: number }
  | { do: "close" }
  | { do: "spin"; ms: number };

/** How the machine starts. */
export type Mode =
  | "normal"
  | "quit"
  | "abort"
  | "mute"
  | "garbage"
  | "early"
  | "old"
  | "liar"
  | "short"
  | "close";

const mode = (globalThis as { fakeMode?: Mode }).fakeMode ?? "normal";
const config = JSON.parse(process.argv[2] ?? "{}") as { disk: { adopt: number | null; size: number } };
/** Ends at once, as Node itself does. */
const { reallyExit } = process as unknown as { reallyExit(code: number): never };
const hoard: unknown[] = [];

/** The wire is closed on purpose. */
let closing = false;

const wire = new Socket({ fd: 3, readable: true, writable: true });
const connection = new Connection<MachineMessage, HostMessage>(wire, {
  parse: (value) => value as HostMessage,
  control: hear,
  protocolError: (reason) => {
    writeSync(2, `the host broke the protocol: ${reason}\n`);
    process.exit(9);
  },
  closed: () => {
    if (!closing) process.exit(0);
  },
});

function hear(message: HostMessage): void {
  if (message.type === "configure") connection.send({ type: "configured" });
  else if (message.type === "ping") connection.send({ type: "pong", call: message.call });
  else if (message.type === "start") start(message);
  else if (message.type === "kill") {
    say(`kill ${message.call} ${message.signal} ${message.reason}\n`);
  } else if (message.type === "resize") {
    say(`resize ${message.call} ${message.columns} ${message.rows}\n`);
  } else if (message.type !== "fs") {
    // It has asked for nothing.
  } else if (message.op === "freeze" && message.stream !== null) {
    const outgoing = connection.openOutgoing(message.stream);
    outgoing.write(new Uint8Array(1));
    outgoing.end();
    connection.send({ type: "fsResult", call: message.call, error: null, value: null });
  } else if (message.op === "inventory" && message.stream !== null) {
    const outgoing = connection.openOutgoing(message.stream);
    outgoing.write(Buffer.from(message.leave.join(""), "base64"));
    outgoing.end();
    connection.send({ type: "fsResult", call: message.call, error: null, value: null });
  } else if (message.op === "freeze" || message.op === "thaw" || message.op === "inventory") {
    connection.send({ type: "fsResult", call: message.call, error: null, value: null });
  } else if (message.path === "/mute") {
    // It gets no answer.
  } else if (message.op === "writeFile" && message.stream !== null) {
    const { call, path } = message;
    let length = 0;
    connection.onIncoming(message.stream, {
      data: (bytes, consumed) => {
        length += bytes.length;
        consumed(bytes.length);
      },
      end: () =>
        connection.send({
          type: "fsResult",
          call,
          error: path === `/${length}` ? null : { code: "EACCES", errno: -13, syscall: "open", path },
          value: null,
        }),
    });
  } else if (message.op === "readFile" && message.stream !== null) {
    const outgoing = connection.openOutgoing(message.stream);
    outgoing.write(Buffer.alloc(Number(message.path.slice(1)), "r"));
    outgoing.end();
    const { call } = message;
    void outgoing.flushed().then(() => connection.send({ type: "fsResult", call, error: null, value: null }));
  } else if (message.op === "readdir" && message.stream !== null) {
    const outgoing = connection.openOutgoing(message.stream);
    outgoing.write(Buffer.from(message.path.slice(1)));
    outgoing.end();
    connection.send({ type: "fsResult", call: message.call, error: null, value: null });
  } else if (message.op === "exists") {
    connection.send({ type: "fsResult", call: message.call, error: null, value: message.path === "/yes" });
  } else {
    connection.send({ type: "fsResult", call: message.call, error: null, value: null });
  }
}

function start(message: StartMessage): void {
  const code: Buffer[] = [];
  connection.onIncoming(message.streams.code, {
    data: (bytes, consumed) => {
      code.push(Buffer.from(bytes));
      consumed(bytes.length);
    },
    end: () => void run(message, JSON.parse(Buffer.concat(code).toString()) as Action[]),
  });
  const stdin: Buffer[] = [];
  let echo: ((bytes: Buffer) => void) | null = null;
  let ended = false;
  connection.onIncoming(message.streams.stdin, {
    data: (bytes, consumed) => {
      if (echo === null) stdin.push(Buffer.from(bytes));
      else echo(Buffer.from(bytes));
      consumed(bytes.length);
    },
    end: () => {
      ended = true;
      onEnd?.();
    },
  });
  let onEnd: (() => void) | null = null;

  async function run({ call, streams }: StartMessage, actions: Action[]): Promise<void> {
    const stdout = connection.openOutgoing(streams.stdout);
    const stderr = connection.openOutgoing(streams.stderr);
    const value = connection.openOutgoing(streams.value);
    let hasValue = false;
    connection.send({ type: "started", call, pid: 100 });
    for (const action of actions) {
      if (action.do === "stdout") stdout.write(Buffer.from(action.text));
      else if (action.do === "stderr") stderr.write(Buffer.from(action.text));
      else if (action.do === "value") {
        hasValue = true;
        value.write(Buffer.from(action.text));
      } else if (action.do === "flood") {
        for (let left = action.bytes; left > 0; left -= 65536) {
          if (!stdout.write(Buffer.alloc(Math.min(left, 65536), "f"))) await stdout.flushed();
        }
      } else if (action.do === "echo") {
        echo = (bytes) => stdout.write(bytes);
        for (const bytes of stdin.splice(0)) echo(bytes);
        if (!ended) await new Promise<void>((resolve) => (onEnd = resolve));
        await stdout.flushed();
      } else if (action.do === "exit") {
        for (const stream of [stdout, stderr, value]) {
          await stream.flushed();
          stream.end();
        }
        connection.discardIncoming(streams.stdin);
        connection.send({
          type: "exit",
          call,
          exitCode: action.code,
          resident: action.resident,
          signal: null,
          termination: null,
          value: hasValue,
        });
      } else await misbehave(action, call);
    }
  }
}

async function misbehave(action: Action, call: number): Promise<void> {
  switch (action.do) {
    case "say":
      return say(action.text);
    case "stuck":
      return connection.send({ type: "stuck", call, reason: action.reason });
    case "send":
      return connection.send(JSON.parse(JSON.stringify(action.message).replaceAll('"CALL"', `${call}`)));
    case "raw":
      wire.write(Buffer.from(action.hex, "hex"));
      return;
    case "eat":
      for (let left = action.bytes; left > 0; left -= 1 << 20) {
        hoard.push(Buffer.alloc(1 << 20, 1));
        if (hoard.length % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return;
    case "threads":
      for (let count = 0; count < action.count; count++) {
        hoard.push(new Worker("setInterval(() => {}, 1000)", { eval: true }));
      }
      return;
    case "peruse":
      // One page of each page table's: that takes a page for the table, and none for what is read.
      for (let left = action.bytes; left > 0; left -= 2 ** 30) {
        const bytes = new Uint8Array(new SharedArrayBuffer(2 ** 30));
        for (let at = 0; at < bytes.length; at += 1 << 21) hoard.push(bytes[at]);
        hoard.push(bytes);
      }
      return;
    case "behead":
      await new Promise((resolve) => {
        const worker = new Worker(
          "for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)",
          {
            eval: true,
          },
        );
        worker.once("online", resolve);
      });
      await flushed();
      syscall(syscallNumber("exit"), 0);
      return;
    case "abort":
      await flushed();
      process.abort();
      return;
    case "quit":
      await flushed();
      reallyExit(action.code);
      return;
    case "close":
      closing = true;
      connection.close();
      setInterval(() => undefined, 1000);
      return;
    case "spin": {
      const until = performance.now() + action.ms;
      while (performance.now() < until);
      return;
    }
    default:
  }
}

function flushed(): Promise<void> {
  return new Promise((resolve) => wire.write(Buffer.alloc(0), () => resolve()));
}

function say(text: string): void {
  writeSync(2, text);
}

const { adopt, size } = config.disk;
const disk = adopt === null ? null : { fd: adopt, size: mode === "short" ? size - 1 : fstatSync(adopt).size };
const check = adopt === null ? undefined : { repaired: 1, problems: ["one"], formatted: false };
const ready = { type: "ready" as const, node: process.version, landlock: 0, disk, check };

switch (mode) {
  case "quit":
    writeSync(2, "secure-exec kernel: jail: Error: no seccomp here\n    at x (/a/b.js)\n");
    reallyExit(70);
    break;
  case "abort":
    process.abort();
    break;
  case "mute":
    setTimeout(() => reallyExit(7), 300);
    break;
  case "garbage":
    wire.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    break;
  case "early":
    connection.send({ type: "configured" });
    break;
  case "old":
    connection.send({ ...ready, node: "v20.0.0" });
    break;
  case "liar":
    connection.send({ ...ready, disk: { fd: 0, size: 10 } });
    break;
  case "close":
    closing = true;
    connection.close();
    setInterval(() => undefined, 1000);
    break;
  default:
    connection.send(ready);
}
