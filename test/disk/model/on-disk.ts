import type { Credentials, Disk } from "../../../src/disk/disk.js";
import type { Files } from "./files.js";

/** The disk's methods, and what a process does for itself. */
export function filesOf(disk: Disk, credentials: Credentials): Files {
  const own: Pick<Files, "umask" | "chdir" | "list"> = {
    umask(mask) {
      const before = credentials.umask;
      credentials.umask = mask;
      return before;
    },
    chdir(path) {
      const directory = disk.resolveDirectory(path);
      if (directory < 0) return directory;
      credentials.cwd = directory;
      return 0;
    },
    list(file) {
      const names: string[] = [];
      for (let cookie = 0; ; cookie = disk.cookie) {
        const count = disk.readEntries(file, cookie);
        if (count < 0) return count;
        if (count === 0) return names.sort();
        for (let i = 0; i < count; i++) {
          const { nameStart, nameEnd, types } = disk.entries;
          const letter = { 8: "f", 4: "d", 10: "l" }[types[i] ?? 0];
          names.push(
            `${letter} ${Buffer.from(disk.result.slice(nameStart[i], nameEnd[i])).toString("latin1")}`,
          );
        }
      }
    },
  };
  return Object.setPrototypeOf(own, disk);
}
