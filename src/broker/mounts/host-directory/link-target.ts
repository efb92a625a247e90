import { posix } from "node:path";

/**
 * What a link in a mount says to a guest: a relative path that stays within the mount, or null for one that leads
 * out of it. `directory` are the names that lead to where the link is; `roots` are the absolute paths of the mount's
 * root that the host knows it by.
 */
export function innerTarget(
  target: string,
  directory: readonly string[],
  roots: readonly string[],
): string | null {
  const here = `/${directory.join("/")}`;
  if (!target.startsWith("/")) return climbs(directory.length, target) ? null : target;
  for (const root of roots) {
    if (target !== root && !target.startsWith(`${root}/`)) continue;
    const inside = target.slice(root.length);
    if (!climbs(0, inside)) return posix.relative(here, posix.normalize(inside || "/")) || ".";
  }
  return null;
}

/** Whether a path goes above the root at any point, from so many directories below it. */
function climbs(depth: number, path: string): boolean {
  let level = depth;
  for (const name of path.split("/")) {
    if (name === "..") level--;
    else if (name !== "" && name !== ".") level++;
    if (level < 0) return true;
  }
  return false;
}
