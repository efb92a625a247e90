import { DateNow } from "../primordials/primordials.js";
import { stamp } from "./inodes.js";
import { I_ATIME, I_CTIME, I_MTIME } from "./layout.js";
import type { Session } from "./session.js";
import { tick, unpackNanos, unpackSeconds } from "./times.js";
import { inodeWord } from "./volume.js";

/** Sets the time of access after a read, if the file has changed since that was last set (as `relatime` does). */
export function noteRead(s: Session, inode: number): void {
  const word = inodeWord(s, inode);
  if (isLater(s, word + I_ATIME, word + I_MTIME) && isLater(s, word + I_ATIME, word + I_CTIME)) return;
  tick(s, DateNow());
  stamp(s, word, I_ATIME);
}

function isLater(s: Session, place: number, than: number): boolean {
  const { words } = s;
  const seconds = unpackSeconds(words[place], words[place + 1]);
  const others = unpackSeconds(words[than], words[than + 1]);
  if (seconds !== others) return seconds > others;
  return unpackNanos(words[place + 1]) > unpackNanos(words[than + 1]);
}
