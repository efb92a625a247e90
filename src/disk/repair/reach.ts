import { NewInt32Array } from "../../primordials/primordials.js";
import { I_FIRST_NAME, I_OWN_NAME, I_PARENT, N_INODE, N_NEXT, N_PARENT, ROOT } from "../layout.js";
import { nameWord, removeName } from "../names.js";
import { inodeWord, isDirectory } from "../volume.js";
import type { Pass } from "./pass.js";

/**
 * Goes through all directories from the root down, tells each where it is, and takes away names that
 * lead to a directory a second time. Answers the right link count of each inode: 0 is unreachable, as is
 * what hangs on a cycle.
 */
export function reach({ v, findings, inodeTop: top }: Pass): Int32Array {
  const { words } = v;
  const links = new NewInt32Array(top + 1);
  const queue = new NewInt32Array(top + 1);
  let queued = 1;
  queue[0] = ROOT;
  links[ROOT] = 2;
  for (let done = 0; done < queued; done++) {
    const directory = queue[done];
    let slot = words[inodeWord(v, directory) + I_FIRST_NAME];
    for (let bound = v.names; slot > 0 && slot <= v.names && bound > 0; bound--) {
      const word = nameWord(v, slot);
      const next = words[word + N_NEXT];
      const inode = words[word + N_INODE];
      if (!(inode > 0 && inode <= top) || words[word + N_PARENT] !== directory) break;
      if (!isDirectory(v, inode)) links[inode]++;
      else if (links[inode] !== 0) {
        findings.note(`name ${slot}: a second name of directory ${inode}`);
        removeName(v, slot);
      } else {
        links[inode] = 2;
        links[directory]++;
        words[inodeWord(v, inode) + I_PARENT] = directory;
        words[inodeWord(v, inode) + I_OWN_NAME] = slot;
        queue[queued++] = inode;
      }
      slot = next;
    }
  }
  return links;
}
