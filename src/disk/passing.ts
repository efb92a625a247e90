import { EBADF, EINVAL, EPIPE } from "../syscall/errno.js";
import { I_MODE } from "./layout.js";
import { S_IFIFO, S_IFMT } from "./modes.js";
import { canRead, canWrite, openedInode, openWord, writingEnd } from "./open-files.js";
import { P_PASSED, P_READERS, pipeState } from "./pipe.js";
import type { Session } from "./session.js";
import { inodeWord } from "./volume.js";

/*
 * Open files that go to another process beside what is written to a pipe. The kernel keeps them; the pipe's
 * state only says that there is one, so that its reader need not ask in vain.
 */

/** The state of an inode that is a pipe, or 0. */
function stateOf(s: Session, inode: number): number {
  if (!(inode > 0 && inode <= s.inodes)) return 0;
  return (s.words[inodeWord(s, inode) + I_MODE] & S_IFMT) === S_IFIFO ? pipeState(s, inode) : 0;
}

/** Marks the pipe that is written at an end: its number, or a negative errno. */
export function markPassed(s: Session, file: number): number {
  const end = writingEnd(s, file);
  const word = openWord(s, end);
  if (word === 0 || !canWrite(s, word)) return -EBADF;
  const inode = openedInode(s, end);
  const state = stateOf(s, inode);
  if (state === 0) return -EINVAL;
  if (s.words[state + P_READERS] <= 0) return -EPIPE;
  s.words[state + P_PASSED] = 1;
  return inode;
}

/** The state of the pipe that is read at an end, or 0. */
function readState(s: Session, file: number): number {
  const word = openWord(s, file);
  return word === 0 || !canRead(s, word) ? 0 : stateOf(s, openedInode(s, file));
}

/** 1 where something waits beside the pipe that is read at an end, else 0. */
export function hasPassed(s: Session, file: number): number {
  const state = readState(s, file);
  return state !== 0 && s.words[state + P_PASSED] !== 0 ? 1 : 0;
}

/** Takes the mark away: the pipe's number, or 0 where there was none. */
export function takePassed(s: Session, file: number): number {
  const state = readState(s, file);
  if (state === 0 || s.words[state + P_PASSED] === 0) return 0;
  s.words[state + P_PASSED] = 0;
  return openedInode(s, file);
}

/** 1 while somebody reads the pipe of this number, else 0. */
export function isPipeRead(s: Session, inode: number): number {
  const state = stateOf(s, inode);
  return state !== 0 && s.words[state + P_READERS] > 0 ? 1 : 0;
}
