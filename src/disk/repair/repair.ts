import { S_INODE_TOP, S_LOCK, S_NAME_TOP, S_RENAME_FROM, S_RENAME_TO } from "../layout.js";
import type { Volume } from "../volume.js";
import { checkBlocks } from "./blocks.js";
import type { Findings } from "./findings.js";
import { checkInodes, settleInodes } from "./inodes.js";
import { checkNames, dropUnreachedNames, finishRename, linkNames, listFreeNames } from "./names.js";
import { checkOpenFiles } from "./open-files.js";
import { reach } from "./reach.js";

/**
 * Checks the primary data and makes the derived data from it. Every bound comes from the geometry and
 * nothing is believed, so it ends, and leaves a whole disk, with any bytes. Allocates: for the kernel.
 *
 * `live`: other threads have files open on this disk, whose inodes stay though they have no name.
 */
export function repair(v: Volume, live: boolean, findings: Findings): void {
  clampTop(v, S_INODE_TOP, 1, v.inodes, findings);
  clampTop(v, S_NAME_TOP, 0, v.names, findings);
  checkInodes(v, findings);
  finishRename(v, findings);
  const slots = checkNames(v, findings);
  checkOpenFiles(v, live);
  linkNames(v, slots, live, findings);
  const links = reach(v, findings);
  dropUnreachedNames(v, slots, links, findings);
  listFreeNames(v);
  settleInodes(v, links, findings);
  checkBlocks(v, findings);
  v.words[S_RENAME_FROM] = 0;
  v.words[S_RENAME_TO] = 0;
  if (!live) v.words[S_LOCK] = 0;
}

function clampTop(v: Volume, place: number, least: number, most: number, findings: Findings): void {
  const top = v.words[place];
  if (top >= least && top <= most) return;
  findings.note(`high-water mark ${place} out of range`);
  v.words[place] = most;
}
