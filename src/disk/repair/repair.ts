import {
  S_ABANDONED,
  S_INODE_TOP,
  S_LOCK,
  S_NAME_TOP,
  S_RENAME_FROM,
  S_RENAME_TO,
  S_WANTED,
} from "../layout.js";
import { changeResolution, type Volume } from "../volume.js";
import { checkBlocks } from "./blocks.js";
import type { Findings } from "./findings.js";
import { checkInodes, checkVirtual, settleInodes } from "./inodes.js";
import { linkNames } from "./link-names.js";
import { checkNames, dropUnreachedNames, finishRename, listFreeNames } from "./names.js";
import { checkOpenFiles } from "./open-files.js";
import { countPipeEnds } from "./pipes.js";
import { reach } from "./reach.js";
import { checkWatches } from "./watches.js";

/**
 * Checks the primary data and makes the derived data from it. Every bound comes from the geometry and
 * nothing is believed, so it ends, and leaves a whole disk, with any bytes. It allocates.
 *
 * `live`: other threads have files open on this disk, whose inodes stay though they have no name.
 */
export function repair(v: Volume, live: boolean, findings: Findings): void {
  const inodeTop = clampTop(v, S_INODE_TOP, 1, v.inodes, findings);
  const nameTop = clampTop(v, S_NAME_TOP, 0, v.names, findings);
  const pass = { v, live, findings, inodeTop, nameTop };
  checkInodes(pass);
  finishRename(pass);
  const order = checkNames(pass);
  checkOpenFiles(pass);
  linkNames(pass, order);
  checkVirtual(pass);
  const links = reach(pass);
  dropUnreachedNames(pass, links);
  listFreeNames(pass);
  settleInodes(pass, links);
  checkBlocks(pass);
  checkWatches(pass);
  countPipeEnds(pass);
  v.words[S_RENAME_FROM] = 0;
  v.words[S_RENAME_TO] = 0;
  v.words[S_ABANDONED] = 0;
  changeResolution(v);
  if (!live) {
    v.words[S_LOCK] = 0;
    v.words[S_WANTED] = 0;
  }
}

function clampTop(v: Volume, place: number, least: number, most: number, findings: Findings): number {
  const top = v.words[place];
  if (top >= least && top <= most) return top;
  findings.note(`high-water mark ${place} out of range`);
  v.words[place] = most;
  return most;
}
