import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { LastWords } from "./last-words.js";
import { live } from "./live-processes.js";

/** How a process ended. */
export interface ProcessEnd {
  /** Why it could not be spawned; null when it was. */
  error: (Error & { code?: unknown }) | null;
  exitCode: number | null;
  signal: string | null;
}

/** What is to be spawned. */
export interface SpawnRequest {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Given to the process as its descriptor 4. */
  diskFd?: number | undefined;
}

/** The OS process of a machine. Its handles don't keep the event loop alive. */
export interface MachineProcess {
  readonly pid: number | undefined;
  /** The machine's end of it is descriptor 3; null when nothing was spawned. */
  readonly wire: Socket | null;
  /** What it printed, stdout and stderr together. */
  readonly output: LastWords;
  /** Resolves once, when it has ended and all that it sent has been read. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL. Nothing happens when it has ended. */
  kill(): void;
}

/** The most of its output that is kept, in bytes. */
const OUTPUT_BYTES = 64 * 1024;
/**
 * What a machine may print before it has to wait a moment. Its own words are few; what printed without
 * end, and without the credit that guards the wire, would keep this process busy for nothing.
 */
const BURST_BYTES = 128 * 1024;
const BURST_PAUSE_MS = 20;
/** After a process has ended its pipes end too, unless something else holds them. */
const DRAIN_MS = 2_000;

/** Spawns the process of a machine. Never throws: a failure is told by `ended`. */
export function spawnMachine(request: SpawnRequest): MachineProcess {
  const output = new LastWords(OUTPUT_BYTES);
  let child: ChildProcess;
  try {
    child = spawn(request.command, request.args, {
      // Never an inherited terminal or file: pipes only.
      stdio: ["ignore", "pipe", "pipe", "pipe", ...(request.diskFd === undefined ? [] : [request.diskFd])],
      // Node copies this one variable of its own into every child, unless it is named.
      env: { ...request.env, NODE_V8_COVERAGE: undefined },
      cwd: "/",
      // A session of its own: what a terminal sends to its foreground group is for the host.
      detached: true,
    });
  } catch (error) {
    return notSpawned(output, error as Error);
  }
  const sockets = (child.stdio ?? []).filter((stream): stream is Socket => stream != null);
  const [stdout, stderr, wire] = [child.stdout, child.stderr, child.stdio?.[3] as Socket | undefined];
  const captures = [stdout, stderr].map((stream) => capture(stream, output));
  // Until a connection takes it, an error of the socket is nobody's.
  wire?.on("error", () => undefined);
  child.unref();
  for (const socket of sockets) socket.unref?.();
  live.add(child);

  const ended = new Promise<ProcessEnd>((resolve) => {
    let error: Error | null = null;
    let drain: NodeJS.Timeout | undefined;
    const finish = (exitCode: number | null, signal: string | null): void => {
      clearTimeout(drain);
      live.delete(child);
      for (const socket of sockets) socket.destroy();
      resolve({ error, exitCode: error === null ? exitCode : null, signal });
    };
    child.on("error", (cause) => {
      // Signals of ours that come too late end here as well.
      if (child.pid !== undefined) return;
      error = cause;
      finish(null, null);
    });
    child.on("exit", (exitCode, signal) => {
      for (const readRest of captures) readRest();
      drain = setTimeout(() => finish(exitCode, signal), DRAIN_MS);
      drain.unref();
    });
    child.on("close", finish);
  });
  return {
    pid: child.pid,
    wire: child.pid === undefined ? null : (wire ?? null),
    output,
    ended,
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Keeps what comes out of a stream; answers a function that reads the rest without pausing. */
function capture(stream: Readable | null | undefined, output: LastWords): () => void {
  if (stream == null) return () => undefined;
  let burst = 0;
  let ended = false;
  let pause: NodeJS.Timeout | undefined;
  const goOn = (): void => {
    burst = 0;
    stream.resume();
  };
  stream.on("data", (bytes: Buffer) => {
    output.push(bytes);
    burst += bytes.length;
    if (ended || burst < BURST_BYTES || stream.isPaused()) return;
    stream.pause();
    pause = setTimeout(goOn, BURST_PAUSE_MS);
    pause.unref();
  });
  stream.on("error", () => undefined);
  return () => {
    ended = true;
    clearTimeout(pause);
    goOn();
  };
}

function notSpawned(output: LastWords, error: Error): MachineProcess {
  return {
    pid: undefined,
    wire: null,
    output,
    ended: Promise.resolve({ error, exitCode: null, signal: null }),
    kill: () => undefined,
  };
}
