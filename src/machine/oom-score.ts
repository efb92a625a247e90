import { readFileSync, writeFileSync } from "node:fs";

/** The first to go when the system is out of memory. */
const FIRST = 1000;

/** Makes the kernel prefer a machine to its host when memory runs out; answers what is in force. */
export function raiseOomScore(pid: number): number | null {
  const path = `/proc/${pid}/oom_score_adj`;
  try {
    writeFileSync(path, String(FIRST));
  } catch {
    // Some containers refuse it; what is in force is told.
  }
  try {
    return Number(readFileSync(path, "latin1"));
  } catch {
    return null;
  }
}
