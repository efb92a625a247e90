import {
  I_MODE,
  I_OPENS,
  O_HINT,
  O_INODE,
  O_REFS,
  OPEN_FILES,
  OPEN_WORDS,
  S_OPEN_FREE_LIST,
  S_OPEN_TOP,
} from "../layout.js";
import { inodeWord } from "../volume.js";
import type { Pass } from "./pass.js";

/** Counts the openers of each inode; unless live, there are none. */
export function checkOpenFiles({ v, live, inodeTop }: Pass): void {
  const { words } = v;
  for (let inode = 1; inode <= inodeTop; inode++) {
    words[inodeWord(v, inode) + I_OPENS] = 0;
  }
  const top = live ? believed(words[S_OPEN_TOP]) : 0;
  let list = 0;
  for (let file = top; file > 0; file--) {
    const word = v.openBase + file * OPEN_WORDS;
    const inode = words[word + O_INODE];
    const target = inodeWord(v, inode);
    if (words[word + O_REFS] > 0 && inode > 0 && inode <= inodeTop && words[target + I_MODE] !== 0) {
      words[target + I_OPENS]++;
      continue;
    }
    words[word + O_REFS] = 0;
    words[word + O_HINT] = list;
    list = file;
  }
  words[S_OPEN_TOP] = top;
  words[S_OPEN_FREE_LIST] = list;
}

function believed(top: number): number {
  return top >= 0 && top <= OPEN_FILES ? top : OPEN_FILES;
}
