import { ProtocolError } from "../../errors/protocol-error.js";
import { SnapshotError } from "../../errors/snapshot-error.js";
import type { DiskHandle } from "../../machine/index.js";
import type { MachineHandle } from "../launcher.js";
import { PieceMap } from "./piece-map.js";

/** Does something with a disk of which nobody in its machine can use anything meanwhile. */
export async function whileFrozen<T>(
  machine: MachineHandle,
  disk: DiskHandle,
  work: (map: PieceMap) => Promise<T>,
): Promise<T> {
  const map = await freeze(machine, disk);
  let result: T;
  try {
    result = await work(map);
  } catch (error) {
    await machine.fs({ op: "thaw", restored: false }).catch(() => undefined);
    throw error;
  }
  // Fails when the machine could not wait any longer: then what was copied is not of one moment.
  await machine.fs({ op: "thaw", restored: false });
  return result;
}

/** Fills the disk of a machine that has run nothing yet, and has the machine check it. */
export async function fillDisk(
  machine: MachineHandle,
  fill: (disk: DiskHandle) => Promise<void>,
): Promise<void> {
  const { disk } = machine;
  if (disk === null) throw new SnapshotError("unavailable");
  await freeze(machine, disk);
  await fill(disk);
  const { value } = await machine.fs({ op: "thaw", restored: true });
  const formatted = typeof value === "object" && value !== null && "formatted" in value && value.formatted;
  if (formatted) throw new SnapshotError("version", { hint: "Nothing on its disk could be read." });
}

async function freeze(machine: MachineHandle, disk: DiskHandle): Promise<PieceMap> {
  const { data } = await machine.fs({ op: "freeze" });
  const map = PieceMap.of(data ?? Buffer.alloc(0), disk.size);
  if (map === null) throw new ProtocolError("a map of another disk");
  return map;
}
