import { parentPort, workerData } from "node:worker_threads";
import { type Credentials, Disk, type DiskMemory } from "../../../src/disk/disk.js";
import { filesOf } from "./on-disk.js";
import type { Operation } from "./operations.js";
import { perform, type Slots } from "./perform.js";

/* A thread that goes through a history until it is killed, and acknowledges each call once it is done. */

export interface VictimData {
  memory: DiskMemory;
  id: number;
  credentials: Credentials;
  history: Operation[];
  /** How many calls are done. */
  acknowledged: Int32Array;
}

const { memory, id, credentials, history, acknowledged }: VictimData = workerData;
const owner = { id, gate: new Int32Array(new SharedArrayBuffer(4)), gateIndex: 0 };

parentPort?.once("message", () => {
  const files = filesOf(new Disk(memory, owner, credentials), credentials);
  const slots: Slots = [-1, -1, -1, -1];
  for (const [i, operation] of history.entries()) {
    perform(files, slots, "/w", operation);
    Atomics.store(acknowledged, 0, i + 1);
  }
});
parentPort?.postMessage("up");
