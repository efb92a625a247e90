import { MathMin, TypedArrayPrototypeGetLength } from "../primordials/primordials.js";
import {
  EAGAIN,
  EBADF,
  ECONNRESET,
  EINVAL,
  EIO,
  ENOTCONN,
  ENOTSOCK,
  EPIPE,
  ERESTARTSYS,
} from "../syscall/errno.js";
import { mappedBlock } from "./block-map.js";
import { blockByte, copyBytes } from "./bytes.js";
import { I_MODE, O_FLAGS, O_PEER } from "./layout.js";
import { makePair, makePipe } from "./make-special.js";
import { O_NONBLOCK, S_IFIFO, S_IFMT } from "./modes.js";
import { canRead, closeFile, openedInode, openWord, writingEnd } from "./open-files.js";
import {
  P_ERROR,
  P_KIND,
  P_LENGTH,
  P_OTHER,
  P_READERS,
  P_STATUS,
  P_WRITERS,
  PIPE_CAPACITY,
  pipeChanged,
  pipeState,
  readPipe,
  waitForBytes,
  waitForRoom,
  writePipe,
} from "./pipe.js";
import type { Session } from "./session.js";
import { inodeWord, type Volume } from "./volume.js";

/*
 * A connection is a pair of pipes (`makePair`) that know of each other, and a socket without one is a
 * queue: a pipe into which the kernel writes what has arrived, connections or datagrams. What there is to
 * know of a socket, its kind and its names, is in the state of the pipe that it reads; so whoever has the
 * open file, by inheritance or in a message, has the socket.
 */

/** Kinds of sockets; 0 is a plain pipe. */
export const TCP_STREAM = 1;
export const UNIX_STREAM = 2;
export const TCP_QUEUE = 3;
export const UNIX_QUEUE = 4;
export const UDP_QUEUE = 5;

/** A name: its family, the length of its text, its port (2 bytes), its text. */
export const NAME_BYTES = 112;
/** Bytes of the state where the names of this end and of the other one are. */
const OWN_NAME = 64;
const PEER_NAME = 192;

/** What `P_STATUS` is while nobody knows whether there will be a connection. */
const CONNECTING = 1;

/** Bytes of a connection in a queue: the number of its open file. */
const RECORD = 4;
const record = new Int32Array(1);
const recordBytes = new Uint8Array(record.buffer);

/** Bytes of the lengths at the beginning of a datagram. */
export const DATAGRAM_HEAD = 4;

/** Makes a connection to be: the first end's owner waits for what becomes of it. */
export function makeSocketPair(s: Session, ends: Int32Array, kind: number): number {
  const made = makePair(s, ends);
  if (made < 0) return made;
  const one = readState(s, ends[0] as number);
  const other = readState(s, ends[1] as number);
  s.words[one + P_KIND] = kind;
  s.words[one + P_OTHER] = openedInode(s, ends[1] as number);
  s.words[one + P_STATUS] = CONNECTING;
  s.words[other + P_KIND] = kind;
  s.words[other + P_OTHER] = openedInode(s, ends[0] as number);
  return 0;
}

/** Makes a queue, and opens both its ends: first the socket, then the one that the kernel fills it by. */
export function makeQueue(s: Session, ends: Int32Array, kind: number): number {
  const made = makePipe(s, ends, 0);
  if (made === 0) s.words[readState(s, ends[0] as number) + P_KIND] = kind;
  return made;
}

/** The state of the pipe that a file is an end of, or 0. */
function readState(v: Volume, file: number): number {
  const inode = openedInode(v, file);
  // The bytes of any other file are no state.
  if (!(inode > 0) || (v.words[inodeWord(v, inode) + I_MODE] & S_IFMT) !== S_IFIFO) return 0;
  return pipeState(v, inode);
}

/** The same of the pipe that the other end of a connection reads, or 0. */
function otherState(v: Volume, state: number): number {
  const inode = v.words[state + P_OTHER];
  const other = inode > 0 && inode <= v.inodes ? pipeState(v, inode) : 0;
  return other !== 0 && v.words[other + P_KIND] !== 0 ? other : 0;
}

/** The kind of a socket, 0 for any other file. */
export function socketKind(s: Session, file: number): number {
  if (openWord(s, file) === 0) return -EBADF;
  const state = readState(s, file);
  return state === 0 ? 0 : s.words[state + P_KIND] & 7;
}

/** 0 once there is a connection, else a negative errno: -ERESTARTSYS while that is open. */
export function socketStatus(s: Session, file: number): number {
  const state = readState(s, file);
  if (state === 0) return -EBADF;
  const status = s.words[state + P_STATUS];
  if (status === CONNECTING) return s.words[state + P_WRITERS] > 0 ? waitForBytes(s, state) : -ECONNRESET;
  return status < 0 && status > -ERESTARTSYS ? status : 0;
}

/** Tells the other end of a connection to be what has become of it. */
export function settleSocket(s: Session, file: number, status: number): number {
  const other = otherState(s, readState(s, file));
  if (other === 0) return -ENOTCONN;
  s.words[other + P_STATUS] = status;
  pipeChanged(s, other);
  return s.words[other + P_READERS] > 0 ? 0 : -ENOTCONN;
}

/** Puts one of the names of a socket into the session's result; answers `NAME_BYTES`. */
export function takeName(s: Session, file: number, peer: boolean): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  const state = pipeState(s, inode);
  if (state === 0 || s.words[state + P_KIND] === 0) return -ENOTSOCK;
  copyBytes(s.result, 0, s.bytes, nameByte(s, inode, peer), NAME_BYTES);
  return NAME_BYTES;
}

/** Gives the names of this end and of the other one to the reader at an end: this, or the other one. */
export function putNames(
  s: Session,
  file: number,
  ofOther: boolean,
  own: Uint8Array,
  peer: Uint8Array,
): number {
  let inode = openedInode(s, file);
  if (inode < 0) return inode;
  const ownLength = TypedArrayPrototypeGetLength(own);
  const peerLength = TypedArrayPrototypeGetLength(peer);
  if (ownLength > NAME_BYTES || peerLength > NAME_BYTES) return -EINVAL;
  const state = pipeState(s, inode);
  if (state === 0 || s.words[state + P_KIND] === 0) return -ENOTSOCK;
  if (ofOther) {
    if (otherState(s, state) === 0) return -ENOTCONN;
    inode = s.words[state + P_OTHER];
  }
  copyBytes(s.bytes, nameByte(s, inode, false), own, 0, ownLength);
  copyBytes(s.bytes, nameByte(s, inode, true), peer, 0, peerLength);
  return 0;
}

function nameByte(v: Volume, inode: number, peer: boolean): number {
  return blockByte(v, mappedBlock(v, inodeWord(v, inode), 0)) + (peer ? PEER_NAME : OWN_NAME);
}

/** The other end reads no more than what is on its way already, and then an error. */
export function failSocket(s: Session, file: number, error: number): number {
  const end = writingEnd(s, file);
  const word = openWord(s, end);
  const state = word === 0 || canRead(s, word) ? 0 : readState(s, end);
  if (state === 0) return -ENOTCONN;
  s.words[state + P_ERROR] = error;
  pipeChanged(s, state);
  return 0;
}

/** Closes an end without an orderly end. */
export function resetSocket(s: Session, file: number): number {
  failSocket(s, file, ECONNRESET);
  return closeFile(s, file);
}

/** Makes one end two open files, of which the second is the one to write to. */
export function splitSocket(s: Session, file: number, ends: Int32Array): number {
  const word = openWord(s, file);
  const writing = word === 0 ? file : writingEnd(s, file);
  if (writing === file) return -ENOTCONN;
  s.words[word + O_PEER] = 0;
  ends[0] = file;
  ends[1] = writing;
  return 0;
}

/** Whether somebody takes from a queue, of which the file is an end. */
export function isTaken(s: Session, file: number): number {
  const state = readState(s, file);
  if (state === 0) return -EBADF;
  return s.words[state + P_READERS] > 0 ? 1 : 0;
}

/**
 * Puts an end of a connection into a queue, where at most `backlog` may wait, and tells the other end that
 * the connection stands. The reference is the queue's from then on. -EPIPE when nobody will take it.
 */
export function offerSocket(s: Session, queue: number, file: number, backlog: number): number {
  const state = readState(s, queue);
  if (state === 0) return -EBADF;
  if (s.words[state + P_READERS] <= 0) return -EPIPE;
  if (s.words[state + P_LENGTH] >= backlog * RECORD) return waitForRoom(s, state);
  record[0] = file;
  const written = writePipe(s, openedInode(s, queue), 0, recordBytes, 0, RECORD);
  if (written < 0) return written;
  // The reader hears of it first, as it does where packets tell of both.
  settleSocket(s, file, 0);
  return 0;
}

/**
 * Puts a datagram into a queue: the length of its name and that of its bytes (2 each), name, bytes. One that
 * there is no room for is lost, which -EAGAIN tells.
 */
export function putDatagram(s: Session, queue: number, datagram: Uint8Array): number {
  const state = readState(s, queue);
  if (state === 0) return -EBADF;
  if (s.words[state + P_READERS] <= 0) return -EPIPE;
  const length = TypedArrayPrototypeGetLength(datagram);
  const held = s.words[state + P_LENGTH];
  if (length > PIPE_CAPACITY - held) return -EAGAIN;
  if (writePipe(s, openedInode(s, queue), O_NONBLOCK, datagram, 0, length) === length) return length;
  // A full disk: a part is no datagram.
  s.words[state + P_LENGTH] = held;
  return -EAGAIN;
}

/** Takes a datagram, whole; answers its length. */
export function takeDatagram(s: Session, file: number, target: Uint8Array): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  const head = readPipe(s, inode, 0, target, 0, DATAGRAM_HEAD);
  if (head !== DATAGRAM_HEAD) return head < 0 ? head : -EIO;
  const rest = target[0] + (target[1] << 8) + target[2] + (target[3] << 8);
  const length = MathMin(rest, TypedArrayPrototypeGetLength(target) - DATAGRAM_HEAD);
  const taken = length === 0 ? 0 : readPipe(s, inode, O_NONBLOCK, target, DATAGRAM_HEAD, length);
  return taken < 0 ? taken : DATAGRAM_HEAD + taken;
}

/** Takes what nobody has taken from a queue, by the end that it is filled by. */
export function takeQueued(s: Session, file: number, target: Uint8Array): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  return readPipe(
    s,
    inode,
    s.words[openWord(s, file) + O_FLAGS] | O_NONBLOCK,
    target,
    0,
    TypedArrayPrototypeGetLength(target),
  );
}
