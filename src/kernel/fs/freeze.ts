import { pieceMapBytes } from "../../disk/freeze.js";
import { EBUSY, ETIMEDOUT } from "../../syscall/errno.js";
import type { DiskCheck } from "../../wire/index.js";
import { makeBaseTree } from "../base-tree.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";

/** How long guests can be kept from the disk, in milliseconds: a gibibyte is copied in less than one second. */
const LONGEST = 10_000;

/** The disk stands still while the host copies its memory, or fills it. */
export class Freeze {
  readonly #access: DiskAccess;
  readonly #freezer: ReturnType<DiskAccess["freezer"]>;
  /** Lets operations go on; null while the disk is not frozen. */
  #release: (() => void) | null = null;
  #beginning = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(access: DiskAccess) {
    this.#access = access;
    this.#freezer = access.freezer();
  }

  /** Answers a bit for each piece of the disk's memory: whether it holds anything. */
  async begin(): Promise<Uint8Array> {
    if (this.#beginning || this.#release !== null) throw new OperationError(-EBUSY, "freeze", "/");
    this.#beginning = true;
    try {
      const pieces = new Uint8Array(pieceMapBytes(this.#access.memory));
      expect(await this.#access.attempt(() => this.#take(pieces)), "freeze", "/");
      return pieces;
    } finally {
      this.#beginning = false;
    }
  }

  /** Lets the others go on. */
  end(restored: boolean): DiskCheck | null {
    if (this.#release === null) throw new OperationError(-ETIMEDOUT, "thaw", "/");
    const check = restored ? this.#adopt() : null;
    this.#over();
    return check;
  }

  #take(pieces: Uint8Array): number {
    const taken = this.#freezer.freeze(pieces);
    if (taken < 0) return taken;
    const until = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#access.hold(until);
    this.#timer = setTimeout(() => this.#over(), LONGEST);
    return 0;
  }

  #adopt(): DiskCheck {
    const { repaired, problems, formatted } = this.#freezer.adopt();
    // What a machine of an older version didn't have.
    makeBaseTree(this.#access.memory);
    return { repaired, problems: [...problems], formatted };
  }

  #over(): void {
    clearTimeout(this.#timer);
    this.#freezer.thaw();
    this.#release?.();
    this.#release = null;
  }
}
