import { ProtocolError } from "../../errors/protocol-error.js";
import type { FsFlow } from "../../machine/index.js";
import { type InventoryEntry, InventoryReader, MAX_INVENTORY_BYTES } from "../../wire/inventory.js";
import type { FileSystem } from "../file-system.js";

/** What is on a disk, by path. */
export type Inventory = ReadonlyMap<string, InventoryEntry>;

/** Asks a machine what is on its disk. `leave`: paths that are left out with all below. */
export async function takeInventory(
  files: FileSystem,
  leave: string[],
  { inodes }: { inodes: number },
): Promise<Inventory> {
  // A disk has two names for each inode.
  const limit = 2 * inodes;
  const intake = new Intake(limit);
  await files.transfer({ op: "inventory", leave, limit }, intake);
  if (!intake.whole) throw new ProtocolError("an inventory that ends in an entry");
  return intake.entries;
}

/** Takes what a machine tells. Another path twice counts twice: it must not tell for ever. */
class Intake implements FsFlow {
  readonly entries = new Map<string, InventoryEntry>();
  readonly #reader = new InventoryReader();
  #left: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#left = limit;
  }

  get whole(): boolean {
    return this.#reader.whole;
  }

  take(bytes: Uint8Array, consumed: (bytes: number) => void): string | null {
    this.#bytes += bytes.length;
    const wrong = this.#reader.push(bytes, (entry) => {
      this.#left--;
      this.entries.set(entry.path, entry);
    });
    if (wrong !== null) return wrong;
    if (this.#left < 0 || this.#bytes > MAX_INVENTORY_BYTES) return "a larger inventory than was asked for";
    consumed(bytes.length);
    return null;
  }
}
