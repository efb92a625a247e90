import { NewUint8Array, TypedArrayPrototypeSort } from "../../primordials/primordials.js";
import { resetBuckets } from "../buckets.js";
import {
  I_COUNT,
  I_FIRST_NAME,
  I_LAST_NAME,
  I_SEQUENCE,
  N_HASH,
  N_PARENT,
  NAME_MAX,
  S_FREE_NAMES,
} from "../layout.js";
import { attach, enlist, findName, nameWord, readName } from "../names.js";
import { inodeWord, isDirectory } from "../volume.js";
import { type NameOrder, slotOf } from "./name-order.js";
import { dropName } from "./names.js";
import type { Pass } from "./pass.js";

const text = new NewUint8Array(NAME_MAX + 1);

/** Makes the buckets and the directories' lists anew, each list in the order that its names were made in. */
export function linkNames(pass: Pass, { keys, count }: NameOrder): void {
  const { v, live, findings, inodeTop, nameTop } = pass;
  const { words } = v;
  resetBuckets(v);
  words[S_FREE_NAMES] = v.names - count;
  for (let inode = 1; inode <= inodeTop; inode++) {
    if (!isDirectory(v, inode)) continue;
    const word = inodeWord(v, inode);
    words[word + I_FIRST_NAME] = 0;
    words[word + I_LAST_NAME] = 0;
    words[word + I_COUNT] = 0;
    // Listings under way go by the sequence numbers.
    if (!live) words[word + I_SEQUENCE] = 0;
  }
  TypedArrayPrototypeSort(keys);
  for (let i = nameTop - count; i < nameTop; i++) {
    const slot = slotOf(keys[i]);
    const word = nameWord(v, slot);
    const length = readName(v, slot, text, 0);
    if (findName(v, words[word + N_PARENT], words[word + N_HASH], text, 0, length) !== 0) {
      dropName(v, slot, findings, "twice in its directory");
    } else if (live) enlist(v, slot);
    else attach(v, slot);
  }
}
