import { readFileSync } from "node:fs";

/** The names in a file like /etc/passwd, by their numbers. */
function namesIn(path: string): Map<number, string> {
  const names = new Map<number, string>();
  try {
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const [name, , number] = line.split(":");
      if (name && number) names.set(Number(number), name);
    }
  } catch {
    // Numbers do without names.
  }
  return names;
}

let users: Map<number, string> | undefined;
let groups: Map<number, string> | undefined;

export function userName(uid: number): string | undefined {
  users ??= namesIn("/etc/passwd");
  return users.get(uid);
}

export function groupName(gid: number): string | undefined {
  groups ??= namesIn("/etc/group");
  return groups.get(gid);
}
