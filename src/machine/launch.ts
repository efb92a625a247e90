import { fstatSync } from "node:fs";
import { NodeUnavailableError } from "../errors/node-unavailable-error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import { SecureExecError } from "../errors/secure-exec-error.js";
import type { DiskCheck, ReadyMessage } from "../wire/messages.js";
import { DISK_FD, machineCommand } from "./command.js";
import { holdDisk, isDisk } from "./disk-handle.js";
import { holdLoop } from "./hold-loop.js";
import type { MachineImage } from "./image.js";
import { launchFailure } from "./launch-failure.js";
import { testedVersions } from "./node-binary.js";
import { raiseOomScore } from "./oom-score.js";
import { RunningMachine } from "./running-machine.js";
import { spawnMachine } from "./spawn.js";
import type { DiskHandle, Isolation, MachineOptions } from "./types.js";
import { verifyJail } from "./verify.js";

/** How long a machine may take to be ready, on a busy computer too. */
const READY_MS = 30_000;

/** A machine that may be given guest code. */
export interface LaunchedMachine {
  running: RunningMachine;
  isolation: Isolation;
  disk: DiskHandle | null;
  check: DiskCheck | null;
}

/** Spawns a machine and verifies it. Rejects with what prevents that; no process is left then. */
export async function launchMachine(options: MachineOptions, image: MachineImage): Promise<LaunchedMachine> {
  const begun = performance.now();
  const hold = options.background ? <T>(promise: Promise<T>): Promise<T> => promise : holdLoop;
  const diskFd = options.disk.fd;
  const { bytes, inodes, file } = options.disk;
  const size = diskFd === undefined ? 0 : fstatSync(diskFd).size;
  const command = machineCommand(image, options.jail, {
    jail: options.jail === "required",
    disk: { bytes, inodes, adopt: diskFd === undefined ? null : DISK_FD, size, file },
    spare: process.env["SECURE_EXEC_SPARES"] !== "0",
  });
  const spawned = spawnMachine({ ...command, diskFd });
  const { pid, wire } = spawned;
  if (pid === undefined || wire === null) {
    const end = await hold(spawned.ended);
    throw launchFailure({ end, said: spawned.output.text(), node: image.node, ended: null });
  }
  const timing = { spawned: performance.now() - begun, ready: 0, verified: 0 };
  const running = new RunningMachine(spawned, pid, wire);
  const ready = await hold(untilReady(running, image.node));
  timing.ready = performance.now() - begun;
  try {
    const launched = verify(running, ready, options);
    timing.verified = performance.now() - begun;
    options.onBootTiming?.(timing);
    return launched;
  } catch (error) {
    running.kill("launch");
    await running.exited;
    if (SecureExecError.isInstance(error)) throw error;
    const end = { error: error as Error, exitCode: null, signal: null };
    throw launchFailure({ end, said: "", node: image.node, ended: null });
  }
}

async function untilReady(running: RunningMachine, node: string): Promise<ReadyMessage> {
  let late: string | null = null;
  const timer = setTimeout(() => {
    late = `it was not ready within ${READY_MS / 1000} s.`;
    running.kill("launch");
  }, READY_MS);
  try {
    const ready = await Promise.race([running.dialogue.ready, running.exited.then(() => null)]);
    if (ready !== null) return ready;
  } finally {
    clearTimeout(timer);
  }
  const { breach } = await running.exited;
  if (breach !== null) throw new ProtocolError(breach);
  throw launchFailure({ end: await running.ended, said: running.said, node, ended: late });
}

/** Looks at a machine that is locked and has not seen guest code. */
function verify(running: RunningMachine, ready: ReadyMessage, options: MachineOptions): LaunchedMachine {
  const { pid } = running;
  if (!testedVersions.includes(ready.node)) {
    throw new NodeUnavailableError(`The machine runs Node ${ready.node}, which is not a tested version`, {
      hint: `Tested: ${testedVersions.join(", ")}.`,
    });
  }
  const jailed = options.jail === "required";
  const { verified, uid } = jailed
    ? verifyJail({ pid, diskFd: ready.disk?.fd ?? null, isFile: options.disk.file !== undefined })
    : { verified: "none" as const, uid: process.geteuid?.() ?? null };
  running.startWatch(
    ready.disk === null ? { own: options.disk.bytes, shared: 0 } : { own: 0, shared: ready.disk.size },
  );
  const oomScoreAdj = raiseOomScore(pid);
  return {
    running,
    isolation: {
      level: jailed ? "jailed" : "none",
      seccomp: jailed,
      landlock: ready.landlock,
      verified,
      oomScoreAdj,
      uid,
    },
    // Last, since nothing may fail once there is a descriptor to look after.
    disk: takeDisk(pid, ready, options.disk.fd),
    check: ready.check ?? null,
  };
}

/** The host's own hold on a new disk; null for one that the caller holds already. */
function takeDisk(pid: number, { disk }: ReadyMessage, given: number | undefined): DiskHandle | null {
  if (given === undefined) return disk === null ? null : holdDisk(pid, disk);
  if (disk === null || !isDisk(pid, disk.fd, given))
    throw new ProtocolError("it took another disk than its own");
  return null;
}
