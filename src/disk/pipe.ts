import { AtomicsNotify, MathMin } from "../primordials/primordials.js";
import { EAGAIN, ECONNRESET, EIO, ENOSPC, ENXIO, EPIPE, ERESTARTSYS } from "../syscall/errno.js";
import { mapNewBlock, mappedBlock, pointerBase, unmapFrom } from "./block-map.js";
import { blockByte, copyBytes } from "./bytes.js";
import { BLOCK_SIZE, I_OPENS, O_FLAGS, O_HINT, O_NAME } from "./layout.js";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY } from "./modes.js";
import { openWord } from "./open-files.js";
import { tellPollers } from "./poll.js";
import { postpone } from "./postponed.js";
import type { Session } from "./session.js";
import { inodeWord, type Volume } from "./volume.js";

/*
 * A pipe is an inode whose blocks are the pipe's memory, with or without a name: the first block has its
 * state, the next ones a ring of bytes. Its ends are open files, so they are inherited, counted and
 * closed with their processes as files are. The blocks go with the last opener.
 *
 * Nothing waits here. A call that has to wait answers -ERESTARTSYS and leaves a word of the disk in the
 * session, with the value that the word has until somebody does something with the pipe.
 */

export const PIPE_CAPACITY = 65536;
/** Writes of no more than this go in whole or not at all. */
export const PIPE_BUF = 4096;
/** The state and the ring. */
export const PIPE_BLOCKS = 1 + PIPE_CAPACITY / BLOCK_SIZE;

/* Words of the first block. */
/** Counts what happens to the pipe. */
const P_EVENT = 0;
export const P_READERS = 1;
export const P_WRITERS = 2;
/** How often an end was opened. */
const P_READ_OPENS = 3;
const P_WRITE_OPENS = 4;
const P_HEAD = 5;
export const P_LENGTH = 6;
/* Of sockets alone: see `socket.ts`. */
export const P_KIND = 8;
export const P_STATUS = 9;
/** The inode of the pipe that the other end reads. */
export const P_OTHER = 10;
/** What the next reader is told once there is nothing to read. */
export const P_ERROR = 11;
/** 1 while the kernel has an open file for who reads: see `passing.ts`. */
export const P_PASSED = 12;
/* Who waits: 0 for nobody, the id of a thread, or `SEVERAL`. */
const P_AWAITS_BYTES = 13;
const P_AWAITS_ROOM = 14;
const SEVERAL = -1;

const RING = PIPE_CAPACITY - 1;

/** The first word of the pipe's state, or 0 while nobody has the pipe open. */
export function pipeState(v: Volume, inode: number): number {
  const block = mappedBlock(v, inodeWord(v, inode), 0);
  return block === 0 ? 0 : pointerBase(v, block);
}

/** Tells everybody who waits for the pipe. */
export function pipeChanged(v: Volume, state: number): void {
  v.words[state + P_AWAITS_BYTES] = 0;
  v.words[state + P_AWAITS_ROOM] = 0;
  v.words[state + P_EVENT]++;
  AtomicsNotify(v.words, state + P_EVENT);
  tellPollers(v);
}

/** Tells those who wait for bytes, or for room: most often there are none, or only the thread itself. */
function tellWaiting(s: Session, state: number, awaits: number): void {
  const { words } = s;
  const who = words[state + awaits];
  if (who !== 0) {
    words[state + awaits] = 0;
    if (who !== s.ownerId || !postpone(s, state + P_EVENT)) {
      words[state + P_EVENT]++;
      AtomicsNotify(words, state + P_EVENT);
    }
  }
  tellPollers(s);
}

/** Why the pipe can't be opened so, or 0. One without a name (0) asks for nobody at its other end. */
export function pipeRefusal(s: Session, inode: number, flags: number, name: number): number {
  const word = inodeWord(s, inode);
  if (pipeState(s, inode) === 0 && mapNewBlock(s, word, 0, 0, false) === 0) return -ENOSPC;
  const unread = s.words[pipeState(s, inode) + P_READERS] <= 0;
  const asks = name !== 0 && (flags & O_NONBLOCK) !== 0 && (flags & O_ACCMODE) === O_WRONLY;
  return unread && asks ? -ENXIO : 0;
}

/** Counts an open file, which `pipeRefusal` has allowed, among the pipe's ends. */
export function joinPipe(s: Session, file: number, inode: number, flags: number): void {
  const { words } = s;
  const state = pipeState(s, inode);
  const entry = openWord(s, file);
  const access = flags & O_ACCMODE;
  words[entry + O_HINT] = words[state + (access === O_RDONLY ? P_WRITE_OPENS : P_READ_OPENS)];
  if (access !== O_WRONLY) {
    words[state + P_READERS]++;
    words[state + P_READ_OPENS]++;
  }
  if (access !== O_RDONLY) {
    words[state + P_WRITERS]++;
    words[state + P_WRITE_OPENS]++;
  }
  pipeChanged(s, state);
}

/** Whether the other end has been opened, which `open` waits for: 0, or -ERESTARTSYS. */
export function pipeOpened(s: Session, file: number, inode: number): number {
  const { words } = s;
  const state = pipeState(s, inode);
  if (state === 0) return -EIO;
  const entry = openWord(s, file);
  const flags = words[entry + O_FLAGS];
  const access = flags & O_ACCMODE;
  if (words[entry + O_NAME] === 0) return 0;
  if ((flags & O_NONBLOCK) !== 0 || (access !== O_RDONLY && access !== O_WRONLY)) return 0;
  const others = state + (access === O_RDONLY ? P_WRITERS : P_READERS);
  const opens = state + (access === O_RDONLY ? P_WRITE_OPENS : P_READ_OPENS);
  // An opener that has gone again was one.
  if (words[others] > 0 || words[opens] !== words[entry + O_HINT]) return 0;
  return waitForBytes(s, state);
}

/** Takes an open file, which its inode does not count any more, from the pipe's ends. */
export function leavePipe(v: Volume, inode: number, flags: number): void {
  const { words } = v;
  const state = pipeState(v, inode);
  if (state === 0) return;
  const access = flags & O_ACCMODE;
  if (access !== O_WRONLY && words[state + P_READERS] > 0 && --words[state + P_READERS] === 0)
    loseUnread(v, state);
  if (access !== O_RDONLY && words[state + P_WRITERS] > 0) words[state + P_WRITERS]--;
  pipeChanged(v, state);
  const word = inodeWord(v, inode);
  if (words[word + I_OPENS] === 0) unmapFrom(v, word, 0);
}

/** What nobody will read of a connection is no orderly end for the other side. */
function loseUnread(v: Volume, state: number): void {
  const { words } = v;
  const other = words[state + P_LENGTH] > 0 ? words[state + P_OTHER] : 0;
  const otherState = other > 0 && other <= v.inodes ? pipeState(v, other) : 0;
  if (otherState === 0 || words[otherState + P_KIND] === 0) return;
  words[otherState + P_ERROR] = ECONNRESET;
  pipeChanged(v, otherState);
}

/** The error that waits for the next reader, which is told of it once; or 0. */
function takeError(v: Volume, state: number): number {
  const error = v.words[state + P_ERROR];
  if (error === 0) return 0;
  v.words[state + P_ERROR] = 0;
  return error > 0 && error < ERESTARTSYS ? -error : 0;
}

/** Answers how many bytes were read, 0 at the end, or an error. */
export function readPipe(
  s: Session,
  inode: number,
  flags: number,
  target: Uint8Array,
  offset: number,
  length: number,
): number {
  const { words } = s;
  const state = pipeState(s, inode);
  if (state === 0) return -EIO;
  if (length === 0) return 0;
  const held = heldBytes(s, state);
  if (held === 0) {
    const error = takeError(s, state);
    if (error !== 0 || words[state + P_WRITERS] <= 0) return error;
    return (flags & O_NONBLOCK) !== 0 ? -EAGAIN : waitForBytes(s, state);
  }
  const head = words[state + P_HEAD] & RING;
  const wanted = MathMin(held, length);
  let done = 0;
  while (done < wanted) {
    const at = (head + done) & RING;
    const block = mappedBlock(s, inodeWord(s, inode), ringBlock(at));
    if (block === 0) return -EIO;
    const skip = at & (BLOCK_SIZE - 1);
    const part = MathMin(BLOCK_SIZE - skip, wanted - done);
    copyBytes(target, offset + done, s.bytes, blockByte(s, block) + skip, part);
    done += part;
  }
  // An empty pipe begins anew, so that little traffic stays in one block.
  words[state + P_HEAD] = done === held ? 0 : (head + done) & RING;
  words[state + P_LENGTH] = held - done;
  tellWaiting(s, state, P_AWAITS_ROOM);
  return done;
}

/** Answers how many bytes were written, or an error. */
export function writePipe(
  s: Session,
  inode: number,
  flags: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  const { words } = s;
  const state = pipeState(s, inode);
  if (state === 0) return -EIO;
  if (words[state + P_READERS] <= 0) return -EPIPE;
  const held = heldBytes(s, state);
  const wanted = MathMin(PIPE_CAPACITY - held, length);
  const whole = length <= PIPE_BUF;
  if (wanted === 0 || (whole && wanted < length))
    return (flags & O_NONBLOCK) !== 0 ? -EAGAIN : waitForRoom(s, state);
  const tail = (words[state + P_HEAD] & RING) + held;
  const room = mapRing(s, inode, tail, wanted);
  if (room === 0 || (whole && room < length)) return -ENOSPC;
  let done = 0;
  while (done < room) {
    const at = (tail + done) & RING;
    const skip = at & (BLOCK_SIZE - 1);
    const part = MathMin(BLOCK_SIZE - skip, room - done);
    const block = mappedBlock(s, inodeWord(s, inode), ringBlock(at));
    copyBytes(s.bytes, blockByte(s, block) + skip, source, offset + done, part);
    done += part;
  }
  words[state + P_LENGTH] = held + done;
  tellWaiting(s, state, P_AWAITS_BYTES);
  return done;
}

/** Sees to it that the ring has memory from `tail` on, and answers for how many of `wanted` bytes it has. */
function mapRing(s: Session, inode: number, tail: number, wanted: number): number {
  const word = inodeWord(s, inode);
  let room = 0;
  while (room < wanted) {
    const at = (tail + room) & RING;
    const index = ringBlock(at);
    if (mappedBlock(s, word, index) === 0 && mapNewBlock(s, word, index, 0, true) === 0) break;
    room += BLOCK_SIZE - (at & (BLOCK_SIZE - 1));
  }
  return MathMin(room, wanted);
}

function ringBlock(at: number): number {
  return 1 + (at >>> 12);
}

/** As far as it is believed. */
function heldBytes(v: Volume, state: number): number {
  const held = v.words[state + P_LENGTH];
  return held > 0 && held <= PIPE_CAPACITY ? held : 0;
}

/** Waits for bytes, or for anything but room. */
export function waitForBytes(s: Session, state: number): number {
  return waitFor(s, state, P_AWAITS_BYTES);
}

export function waitForRoom(s: Session, state: number): number {
  return waitFor(s, state, P_AWAITS_ROOM);
}

function waitFor(s: Session, state: number, awaits: number): number {
  const who = s.words[state + awaits];
  s.words[state + awaits] = who === 0 || who === s.ownerId ? s.ownerId : SEVERAL;
  s.waitPlace = state + P_EVENT;
  s.waitValue = s.words[s.waitPlace];
  return -ERESTARTSYS;
}
