import { MathMin } from "../../primordials/primordials.js";
import { unmapFrom } from "../block-map.js";
import {
  I_BLOCKS,
  I_MODE,
  I_OPENS,
  O_FLAGS,
  O_INODE,
  O_REFS,
  OPEN_FILES,
  OPEN_WORDS,
  S_OPEN_TOP,
} from "../layout.js";
import { O_ACCMODE, O_RDONLY, O_WRONLY, S_IFIFO, S_IFMT } from "../modes.js";
import { P_READERS, P_WRITERS, pipeChanged, pipeState } from "../pipe.js";
import { inodeWord, type Volume } from "../volume.js";
import type { Pass } from "./pass.js";

/** What is in a pipe that nobody has open is lost. */
export function emptyClosedPipes({ v, inodeTop }: Pass): void {
  for (let inode = 1; inode <= inodeTop; inode++) {
    const word = inodeWord(v, inode);
    if (!isPipe(v, word) || v.words[word + I_OPENS] !== 0) continue;
    // The bitmap, which is made anew afterwards, may as well agree.
    unmapFrom(v, word, 0);
    v.words[word + I_BLOCKS] = 0;
  }
}

/** Counts the ends of the pipes that are open, and has everybody who waits for one look again. */
export function countPipeEnds({ v, live, inodeTop }: Pass): void {
  if (!live) return;
  const { words } = v;
  eachPipe(v, inodeTop, (state) => {
    words[state + P_READERS] = 0;
    words[state + P_WRITERS] = 0;
  });
  // Read once more: another thread may have changed it since it was checked.
  for (let file = MathMin(words[S_OPEN_TOP], OPEN_FILES); file > 0; file--) {
    const entry = v.openBase + file * OPEN_WORDS;
    const inode = words[entry + O_INODE];
    if (words[entry + O_REFS] <= 0 || !isPipe(v, inodeWord(v, inode))) continue;
    const state = pipeState(v, inode);
    if (state === 0) continue;
    const access = words[entry + O_FLAGS] & O_ACCMODE;
    if (access !== O_WRONLY) words[state + P_READERS]++;
    if (access !== O_RDONLY) words[state + P_WRITERS]++;
  }
  eachPipe(v, inodeTop, (state) => pipeChanged(v, state));
}

function eachPipe(v: Volume, inodeTop: number, visit: (state: number) => void): void {
  for (let inode = 1; inode <= inodeTop; inode++) {
    const state = isPipe(v, inodeWord(v, inode)) ? pipeState(v, inode) : 0;
    if (state !== 0) visit(state);
  }
}

function isPipe(v: Volume, word: number): boolean {
  return (v.words[word + I_MODE] & S_IFMT) === S_IFIFO;
}
