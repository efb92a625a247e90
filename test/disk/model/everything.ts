import type { TestDisk } from "../support.js";
import { filesOf } from "./on-disk.js";
import { perform } from "./perform.js";

const NO_LINK = "error 22";

/** All that can be seen below a folder, by path. */
export function everything({ disk, credentials }: TestDisk, top: string): Map<string, string> {
  const files = filesOf(disk, credentials);
  const ask = (call: string, path: string) => perform(files, [], "", [call, path]);
  const found = new Map<string, string>();
  const visit = (path: string) => {
    const stat = ask("lstat", path);
    const target = ask("readlink", path);
    const isLink = target !== NO_LINK;
    const names = isLink ? target : ask("readdir", path);
    const isFolder = Array.isArray(names);
    found.set(path, JSON.stringify([stat, isLink || isFolder ? names : ask("readSmall", path)]));
    if (isFolder) for (const name of names) visit(`${path}/${`${name}`.slice(2)}`);
  };
  visit(top);
  return found;
}
