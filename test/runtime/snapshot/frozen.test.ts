import { expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors/protocol-error.js";
import { SnapshotError } from "../../../src/errors/snapshot-error.js";
import type { FsResult } from "../../../src/machine/index.js";
import { fillDisk, whileFrozen } from "../../../src/runtime/snapshot/frozen.js";
import { PIECE_BYTES } from "../../../src/runtime/snapshot/piece-map.js";
import { FakeLauncher, type FakeMachine } from "../fake-machine.js";

const map = Buffer.of(0b11);
const result = (more: Partial<FsResult>): FsResult => ({ value: null, data: null, entries: null, ...more });
const check = { repaired: 0, problems: [], formatted: false };

async function machine(answers: Record<string, () => FsResult>): Promise<FakeMachine> {
  const launcher = new FakeLauncher();
  Object.assign(launcher.disk as object, { size: 2 * PIECE_BYTES });
  const made = (await launcher.launch({ jail: "required", disk: { bytes: 1, inodes: 1 } })) as FakeMachine;
  made.answer = ({ op }) => (answers[op] ?? (() => result({})))();
  return made;
}

const said = ({ operations }: FakeMachine) => operations.map(({ operation }) => operation);

test("a disk is thawed after the work, and after work that failed", async () => {
  const made = await machine({ freeze: () => result({ data: map }) });
  const disk = made.disk as NonNullable<typeof made.disk>;
  expect(await whileFrozen(made, disk, async ({ byteLength }) => byteLength)).toBe(2 * PIECE_BYTES);
  await expect(whileFrozen(made, disk, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  const round = [{ op: "freeze" }, { op: "thaw", restored: false }];
  expect(said(made)).toEqual([...round, ...round]);
});

test("a copy that the machine could not wait for is none", async () => {
  const made = await machine({
    freeze: () => result({ data: map }),
    thaw: () => {
      throw new Error("ETIMEDOUT");
    },
  });
  const disk = made.disk as NonNullable<typeof made.disk>;
  await expect(whileFrozen(made, disk, async () => "copy")).rejects.toThrow("ETIMEDOUT");
});

test.each([[null], [Buffer.alloc(0)], [Buffer.of(0b111)], [Buffer.alloc(2)]])(
  "a machine that tells of another disk is not believed: %j",
  async (data) => {
    const made = await machine({ freeze: () => result({ data }) });
    const disk = made.disk as NonNullable<typeof made.disk>;
    await expect(whileFrozen(made, disk, async () => 1)).rejects.toThrow(ProtocolError);
  },
);

test("a disk of which nothing was left is of another version", async () => {
  const freeze = () => result({ data: map });
  const good = await machine({ freeze, thaw: () => result({ value: check }) });
  await fillDisk(good, async () => undefined);
  expect(said(good)).toEqual([{ op: "freeze" }, { op: "thaw", restored: true }]);
  const lost = await machine({ freeze, thaw: () => result({ value: { ...check, formatted: true } }) });
  await expect(fillDisk(lost, async () => undefined)).rejects.toMatchObject({ problem: "version" });
});

test("without a disk that the host holds there are no copies", async () => {
  const launcher = new FakeLauncher();
  launcher.disk = null;
  const made = await launcher.launch({ jail: "required", disk: { bytes: 1, inodes: 1 } });
  await expect(fillDisk(made, async () => undefined)).rejects.toThrow(SnapshotError);
});
