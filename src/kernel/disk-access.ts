import { type Credentials, Disk, type DiskMemory, type DiskOptions, type LockOwner } from "../disk/disk.js";
import { Freezer } from "../disk/freeze.js";
import { BLOCK_SIZE, S_BLOCK_TOP, S_BLOCKS, S_FREE_BLOCKS } from "../disk/layout.js";
import { EBUSY, EIO, ENOENT, ESTALE } from "../syscall/errno.js";
import type { Mounts } from "./mounts/mounts.js";

/** The kernel's id as an owner of the disk's lock. */
const KERNEL_OWNER = 1;
/** The owner of a lock that keeps the kernel out too: threads count up from 2. */
const FREEZER = 0x7fffffff;

/** What one operation has brought at most. */
const MOST_BROUGHT = 1024;

const SUPERBLOCK_WORDS = 1024;

/** What one attempt waits for the lock, in milliseconds: the kernel's other work waits too. */
const PATIENCE = 5;
/** Between attempts. */
const PAUSE = 5;
/** After so long without the lock its holder is ended. */
const HOG = 500;
/** After so long an operation fails. */
const GIVE_UP = 2000;
/** Between two looks for a lock that is kept. */
const LOOK = 20;

/** Ends the thread with an id because it keeps the lock; false when there is none. */
export type EndHolder = (owner: number) => boolean;

/**
 * The kernel's way to the disk. A guest can keep the lock or leave it taken, and can write anything into
 * the lock's word: the kernel only tries, ends whoever keeps it, and breaks what belongs to nobody.
 */
export class DiskAccess {
  readonly #memory: DiskMemory;
  readonly owner: LockOwner = { id: KERNEL_OWNER, gate: new Int32Array(1), gateIndex: 0 };
  readonly patience: DiskOptions = { patience: PATIENCE };
  readonly #endHolder: EndHolder;
  /** The administrator's face of the disk. Its methods answer -EBUSY when a guest has the lock. */
  readonly root: Disk;
  readonly #words: Int32Array;
  /** Brings what is mounted, once there are mounts. */
  mounts: Mounts | null = null;
  /** What the last call on a face of this disk lacked. */
  #lack = { inode: 0, name: 0, ahead: "" };
  /** Who had the lock at the last look, and when that was. */
  #lastHolder = 0;
  #lastLook = 0;
  #suspicious = false;
  /** Settles when the disk is there again for whom it was kept from. */
  #held: Promise<void> | null = null;

  constructor(memory: DiskMemory, endHolder: EndHolder) {
    this.#memory = memory;
    this.#endHolder = endHolder;
    this.root = this.open({ uid: 0, gid: 0, umask: 0, cwd: 1 });
    this.#words = new Int32Array(memory.buffer, memory.byteOffset, SUPERBLOCK_WORDS);
  }

  /** What keeps everybody from the disk. Its lock is not the kernel's, which would pass it by. */
  freezer(): Freezer {
    const owner = { id: FREEZER, gate: new Int32Array(1), gateIndex: 0 };
    return new Freezer(this.#memory, owner, PATIENCE);
  }

  /** The disk's memory as a whole. */
  get memory(): DiskMemory {
    return this.#memory;
  }

  /** A face of the disk for an own identity and working directory. */
  open(credentials: Credentials): Disk {
    const disk: Disk = new Disk(this.#memory, this.owner, credentials, {
      ...this.patience,
      bring: (inode, name) => {
        this.#lack = { inode, name, ahead: Buffer.from(disk.result.subarray(0, disk.remote())).toString() };
        return -ESTALE;
      },
    });
    return disk;
  }

  /** As many bytes of memory files can have touched, those included that are gone: read without the lock. */
  touchedAtMost(): number {
    const top = Math.min(Atomics.load(this.#words, S_BLOCK_TOP), Atomics.load(this.#words, S_BLOCKS));
    return Math.max(0, top) * BLOCK_SIZE;
  }

  /**
   * Ends whoever keeps the lock from other guests, which wait for it for ever. A holder that is seen twice
   * may be a busy one: what tells is whether the kernel itself can get the lock.
   */
  look(): void {
    const now = performance.now();
    if (this.#suspicious || now - this.#lastLook < LOOK) return;
    const { holder } = this;
    const kept = holder !== 0 && holder === this.#lastHolder;
    this.#lastHolder = holder;
    this.#lastLook = now;
    if (!kept) return;
    this.#suspicious = true;
    this.attempt(() => this.root.statfs("/", new Float64Array(7))).then(() => {
      this.#suspicious = false;
    });
  }

  /** The id of the thread that has the lock, 0 for none. */
  get holder(): number {
    return this.root.lockHolder();
  }

  /** Repairs and frees what a thread that has ended left locked, and ends its watches. */
  async release(owner: number): Promise<void> {
    if (this.root.lockHolder() === owner) this.root.breakLock(owner);
    await this.attempt(() => this.root.dropWatches(owner));
  }

  /** Keeps all operations waiting: the lock has been taken for as long. */
  hold(until: Promise<void>): void {
    const held = until.then(() => {
      if (this.#held === held) this.#held = null;
    });
    this.#held = held;
  }

  /** Brings names or bytes of a mount: see `SYS_BRING`. */
  async bring(inode: number, name: number, ahead: string): Promise<number> {
    return (await this.mounts?.bring(inode, name, ahead)) ?? -ENOENT;
  }

  async #bringLack(): Promise<number> {
    const { inode, name, ahead } = this.#lack;
    return (await this.bring(inode, name, ahead)) || -EIO;
  }

  /** Drops bytes that mounts can bring again. Whether there is more room now. */
  async makeRoom(): Promise<boolean> {
    const before = Atomics.load(this.#words, S_FREE_BLOCKS);
    const { mounts } = this;
    if (mounts === null) return false;
    for (let from = 1; from > 0; ) from = await this.attempt(() => mounts.forgetContents(from));
    return Atomics.load(this.#words, S_FREE_BLOCKS) > before;
  }

  /** Does an operation, once more for as long as the lock can't be had, or what is mounted isn't there yet. */
  async attempt<Result>(operation: () => Result | number): Promise<Result | number> {
    for (let left = MOST_BROUGHT; ; left--) {
      const result = await this.#attemptHere(operation);
      if (result !== -ESTALE) return result;
      const brought = left > 0 ? await this.#bringLack() : -EIO;
      if (brought < 0) return brought;
    }
  }

  async #attemptHere<Result>(operation: () => Result | number): Promise<Result | number> {
    let start = performance.now();
    let hog = 0;
    let since = start;
    for (;;) {
      if (this.#held !== null) {
        await this.#held;
        start = performance.now();
        since = start;
      }
      const result = operation();
      const now = performance.now();
      if (result !== -EBUSY || now - start > GIVE_UP) return result;
      const holder = this.root.lockHolder();
      if (holder !== hog) {
        hog = holder;
        since = now;
      } else if (hog !== 0 && now - since > HOG) {
        if (hog === KERNEL_OWNER || !this.#endHolder(hog)) this.root.breakLock(hog);
        since = now;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
