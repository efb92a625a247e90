import { type Discard, discardRun } from "../free-runs.js";
import type { Session } from "../session.js";
import { locked } from "./section.js";

export function discardFree(s: Session, from: number, freed: number, discard: Discard): number {
  return locked(s, discardRun, from, freed, discard);
}
