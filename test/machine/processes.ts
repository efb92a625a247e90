/** What /proc tells of processes: those that tests have started, and what is left of them. */
import { readdirSync, readFileSync } from "node:fs";

/** A process by its pid and the time of its start: a pid alone is used again. */
export interface Identity {
  pid: number;
  started: string;
}

interface Found extends Identity {
  parent: number;
  /** A zombie is dead: only its parent hasn't noticed yet. */
  dead: boolean;
}

function find(pid: number): Found | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /su, "")
      .split(" ");
    const [state = "", parent = ""] = fields;
    return { pid, parent: Number(parent), started: fields[19] ?? "", dead: /[ZX]/u.test(state) };
  } catch {
    return null;
  }
}

function everybody(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
}

/** The living processes below one. */
export function descendants(pid: number): Identity[] {
  const all = everybody().flatMap((each) => find(each) ?? []);
  const below = (parent: number): Found[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid).filter(({ dead }) => !dead);
}

/** The living processes that have a text in their command lines. */
export function withCommand(text: string): Identity[] {
  return everybody().flatMap((pid) => {
    const found = find(pid);
    try {
      if (found === null || found.dead || !readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text)) {
        return [];
      }
      return [found];
    } catch {
      return [];
    }
  });
}

export function isAlive({ pid, started }: Identity): boolean {
  const found = find(pid);
  return found !== null && found.started === started && !found.dead;
}

/** Waits until nothing is left, or for so many milliseconds; answers what is left. */
export async function left<T>(look: () => T[], patience: number): Promise<T[]> {
  const begun = performance.now();
  for (;;) {
    const rest = look();
    if (rest.length === 0 || performance.now() - begun > patience) return rest;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
