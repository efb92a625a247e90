import { O_DIRECTORY } from "../../disk/modes.js";
import type { MountDisk } from "../../disk/mount/mount-disk.js";
import type { DiskAccess } from "../disk-access.js";

/** The names in a directory; none where there is no directory. */
export async function namesIn(access: DiskAccess, disk: MountDisk, path: string): Promise<string[]> {
  const file = await access.attempt(() => disk.open(path, O_DIRECTORY, 0));
  const names: string[] = [];
  if (file < 0) return names;
  for (let cookie = 0; ; ) {
    const count = await access.attempt(() => disk.readEntries(file, cookie));
    if (count <= 0) break;
    const { nameStart, nameEnd } = disk.entries;
    for (let i = 0; i < count; i++)
      names.push(Buffer.from(disk.result.subarray(nameStart[i], nameEnd[i])).toString());
    ({ cookie } = disk);
  }
  await access.attempt(() => disk.close(file));
  return names;
}

/** Takes away what a mount hasn't any more, with all that is in it; what programs have made there stays. */
export async function dropTree(access: DiskAccess, disk: MountDisk, path: string): Promise<void> {
  if ((await access.attempt(() => disk.dropEntry(path))) !== 1) return;
  for (const name of await namesIn(access, disk, path)) await dropTree(access, disk, `${path}/${name}`);
  await access.attempt(() => disk.dropEntry(path));
}
