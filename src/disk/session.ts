import type { Geometry } from "./layout.js";
import { I_GENERATION, I_LINKS, ROOT } from "./layout.js";
import { PathBuffer } from "./path.js";
import { MOST_POSTPONED } from "./postponed.js";
import type { Bring, Credentials, DirectoryEntries, DiskMemory, DiskOptions, LockOwner } from "./types.js";
import { inodeWord, isDirectory, Volume } from "./volume.js";

const WRAP = 4294967296;
/** A small file is read and written at once, as far as this. */
export const RESULT_SIZE = 65536;
const MAX_ENTRIES = 1024;

/** One thread's use of a volume: who it is, and the memory that its calls work in. */
export class Session extends Volume {
  readonly ownerId: number;
  readonly gate: Int32Array;
  readonly gateIndex: number;
  readonly patience: number;
  readonly credentials: Credentials;
  /** Whether the caller knows what the virtual directory holds; for others it is an empty one. */
  readonly leaves: boolean;
  readonly bring: Bring | undefined;
  /** What the call under way lacks of a mount: an inode, and the slot of its name if it is a file. */
  missing = 0;
  missingName = 0;
  readonly first = new PathBuffer();
  readonly second = new PathBuffer();
  readonly stat = new Float64Array(18);
  readonly result = new Uint8Array(RESULT_SIZE);
  readonly entries: DirectoryEntries = {
    count: 0,
    inodes: new Uint32Array(MAX_ENTRIES),
    types: new Uint8Array(MAX_ENTRIES),
    nameStart: new Uint32Array(MAX_ENTRIES),
    nameEnd: new Uint32Array(MAX_ENTRIES),
  };
  cookie = 0;
  /** What `S_RESOLUTION` was when the paths of the call under way were judged: no walk where it is another. */
  resolution = 0;
  judged = false;
  /** The working directory then: another thread of the process may change it. */
  judgedFrom = 0;
  /** Where taken events go; only a thread that watches has it. */
  events: Uint8Array | undefined;
  /** What a walk that left the disk has yet to go: see `walk`. */
  remote: PathBuffer = this.first;
  remoteAt = 0;
  /** The type (`S_IF…`) of what was opened last. */
  openedType = 0;
  /** What the last call that has to wait waits for: a word, and the value that it had. */
  waitPlace = 0;
  waitValue = 0;
  /** Whether this thread looks by itself for what it waits for and has done: see `postponed.ts`. */
  postpones = false;
  readonly postponed = new Int32Array(MOST_POSTPONED);
  postponedCount = 0;

  constructor(
    memory: DiskMemory,
    geometry: Geometry,
    owner: LockOwner,
    credentials: Credentials,
    options: DiskOptions,
  ) {
    super(memory, geometry);
    this.ownerId = owner.id;
    this.gate = owner.gate;
    this.gateIndex = owner.gateIndex;
    this.credentials = credentials;
    this.patience = options.patience ?? Infinity;
    this.leaves = options.leaves ?? false;
    this.bring = options.bring;
  }
}

/** A directory's inode and generation in one number, as `Credentials.cwd` keeps it. */
export function directoryHandle(s: Session, inode: number): number {
  return inode + s.words[inodeWord(s, inode) + I_GENERATION] * WRAP;
}

/** The inode of the directory that a handle names, or 0 if that one has been removed. */
export function directoryOf(s: Session, handle: number): number {
  if (handle === ROOT) return ROOT;
  const inode = (handle % WRAP) | 0;
  const word = inodeWord(s, inode);
  if (!isDirectory(s, inode) || s.words[word + I_LINKS] === 0) return 0;
  return s.words[word + I_GENERATION] === (handle - inode) / WRAP ? inode : 0;
}
