import type { MountDisk } from "../../disk/mount/mount-disk.js";
import type { MountDescription } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect } from "../fs/failure.js";
import { mkdir } from "../fs/operations.js";

/** The root of a mount, made where it is missing: what `Credentials.cwd` takes. */
export async function makeMountPoint(
  access: DiskAccess,
  disk: MountDisk,
  { id, path, sealed }: MountDescription,
): Promise<number> {
  // A guest can have moved what it is in.
  const there = await access.attempt(() => disk.findMount(id));
  if (there > 0) return there;
  await mkdir(access, path, true, null);
  expect(await access.attempt(() => disk.mountHere(path, id, sealed)), "mount", path);
  return expect(await access.attempt(() => disk.findMount(id)), "mount", path);
}
