import type { Volume } from "../volume.js";
import type { Findings } from "./findings.js";

/** One repair under way. */
export interface Pass {
  readonly v: Volume;
  /** Other threads have files open on this disk, and wait for the lock. */
  readonly live: boolean;
  readonly findings: Findings;
  /** How many inodes and name slots have been in use: read once, and within the tables. */
  readonly inodeTop: number;
  readonly nameTop: number;
}
