import { ENOENT, ENOTDIR, EREMOTE } from "../syscall/errno.js";
import { copyBytes } from "./bytes.js";
import { NAME_MAX, S_RESOLUTION, S_VIRTUAL } from "./layout.js";
import { LAST_NAME, PATH_START, type PathBuffer } from "./path.js";
import { directoryOf, type Session } from "./session.js";
import { isDirectory } from "./volume.js";
import { type LastLink, walk } from "./walk.js";
import { spell } from "./whereabouts.js";

const SLASH = 47;
const DOT = 46;

/**
 * Where a path leads, whether or not something is there, into `result`; answers its length, or why no call
 * can go there. The directory's real path is followed by what is left of the path from the first name that
 * is missing, which may hold `.` and more slashes: there are no links in it. No call gets anywhere by a path
 * that goes up again from what is missing, so that one is answered with its error.
 *
 * It holds as long as `S_RESOLUTION` and the working directory are what the session then has noted.
 */
export function canonicalPath(s: Session, p: PathBuffer, lastLink: LastLink): number {
  const { cwd } = s.credentials;
  s.judged = true;
  s.resolution = s.words[S_RESOLUTION];
  s.judgedFrom = cwd;
  // A working directory that is gone has no path, and nothing is found from it.
  if (p.bytes[PATH_START] !== SLASH && directoryOf(s, cwd) === 0) return -ENOENT;
  const inode = walk(s, p, lastLink);
  if (inode === -EREMOTE) return spellRest(s, p, s.words[S_VIRTUAL], s.remoteAt);
  if (inode > 0) {
    if (isDirectory(s, inode) && (p.last !== LAST_NAME || p.slot === 0)) return spell(s, inode, 0);
    return spell(s, p.parent, p.slot);
  }
  if (inode < 0 && inode !== -ENOENT && inode !== -ENOTDIR) return inode;
  // From a directory that is made there later, `..` would lead back to names that may be links.
  if (goesUp(p, p.nameStart)) return inode === 0 ? -ENOENT : inode;
  return spellRest(s, p, p.parent, p.nameStart);
}

/** Whether there is a `..` in what is left of the path. */
function goesUp(p: PathBuffer, start: number): boolean {
  const { bytes, end } = p;
  for (let at = start; at < end; ) {
    let length = 0;
    while (at + length < end && bytes[at + length] !== SLASH) length++;
    if (length === 2 && bytes[at] === DOT && bytes[at + 1] === DOT) return true;
    at += length + 1;
  }
  return false;
}

/** The path of the directory where the walk ended, and all that it had left. */
function spellRest(s: Session, p: PathBuffer, directory: number, start: number): number {
  const length = spell(s, directory, 0);
  const rest = p.end - start;
  // Links may have made more of it than any path can be.
  if (length < 0 || length + 1 + rest > s.result.length - NAME_MAX) return length < 0 ? length : -ENOENT;
  s.result[length] = SLASH;
  copyBytes(s.result, length + 1, p.bytes, start, rest);
  return length + 1 + rest;
}
