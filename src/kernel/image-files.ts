import { join } from "node:path";

/** The bundle of the guest's boot. */
export function guestSourcePath(directory: string): string {
  return join(directory, "guest.js");
}

/** What V8 made of it on this architecture. */
export function guestCachePath(directory: string): string {
  return join(directory, `guest.${process.arch}.cache`);
}
