import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Our scripts that V8 keeps a cache for: the bundles in the image, by their names there. */
export type CachedScript = "kernel.cjs" | "guest.js" | "commands.cjs";

/** All of our scripts. */
export type ImageScript = CachedScript | "tar.cjs";

/** Where the cache of a script lies that V8 made on this architecture. */
export function cachePath(directory: string, script: CachedScript): string {
  return join(directory, `${script}.${process.arch}.cache`);
}

/** What V8 made of a script; undefined where the build has made none for this architecture. */
export function readCache(directory: string, script: CachedScript): Buffer | undefined {
  try {
    return readFileSync(cachePath(directory, script));
  } catch {
    return undefined;
  }
}

/** Reads a script, which is ASCII. */
export function readBundle(directory: string, script: ImageScript): string {
  return readFileSync(join(directory, script), "latin1");
}
