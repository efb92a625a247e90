import { posix } from "node:path";
import type { MountBackend } from "../broker/mounts/backend.js";
import { InvalidOptionError } from "../errors/invalid-option-error.js";
import { Tree } from "./tree.js";

/** Files of this process's memory, which guests see as a directory. */
export interface MemoryMount extends MountBackend {
  /** Puts a file there, or another one in its place; missing directories are made. */
  write(path: string, data: string | Uint8Array): void;
  /** Takes a file or a directory away. Whether there was one. */
  remove(path: string): boolean;
}

/**
 * A mount of files that are in memory: relative paths to text (as UTF-8) or bytes.
 *
 * @throws InvalidOptionError for a path that is absolute, leads upwards, or goes through a file.
 */
export function memoryMount(files: Record<string, string | Uint8Array> = {}): MemoryMount {
  const tree = new Tree<Uint8Array>();
  const listeners = new Set<(path: string) => void>();
  let lastTime = 0;

  const tell = (path: string): void => {
    // A directory may have been made further up for it.
    for (let at = path; at !== ""; ) {
      at = at.includes("/") ? at.slice(0, at.lastIndexOf("/")) : "";
      for (const changed of listeners) changed(at);
    }
  };
  const write = (path: string, data: string | Uint8Array): void => {
    const name = checkPath(path);
    const content = typeof data === "string" ? Buffer.from(data) : Uint8Array.from(data);
    // Each writing has a time of its own, by which it is told from the one before.
    lastTime = Math.max(Date.now(), lastTime + 0.01);
    if (!tree.put(name, { entry: { type: "file", size: content.length, mtime: lastTime }, content }))
      throw refusal(path, "a path of a file that goes through no file");
    tell(name);
  };

  for (const [path, data] of Object.entries(files)) write(path, data);
  return {
    readdir: (path) => tree.list(path),
    readFile: (path) => tree.file(path),
    write,
    remove: (path) => {
      const name = checkPath(path);
      const removed = tree.remove(name);
      if (removed) tell(name);
      return removed;
    },
    watch: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

function checkPath(path: unknown): string {
  if (typeof path !== "string" || path === "" || path.startsWith("/") || path.includes("\0"))
    throw refusal(path, "a relative path, such as lib/a.js");
  const normal = posix.normalize(path);
  if (normal === "." || normal === ".." || normal.startsWith("../") || normal.endsWith("/"))
    throw refusal(path, "a relative path of a file, which doesn't lead upwards");
  return normal;
}

function refusal(path: unknown, expected: string): InvalidOptionError {
  return new InvalidOptionError({ key: "path", expected, received: JSON.stringify(path) });
}
