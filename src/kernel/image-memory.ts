/** The scripts of the image and their code caches, as memory of all threads. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { mapFile } from "../jail/mapped-file.js";
import { type CachedScript, cachePath, type ImageScript } from "./image-files.js";

/** A script that threads run. */
export interface SharedScript {
  /** Its text, a byte a character. */
  source: Uint8Array;
  /** What V8 has made of it before: nothing is compiled again. */
  cache?: Uint8Array | undefined;
}

/** Brings a script into memory. */
export function mapScript(directory: string, script: ImageScript): Uint8Array {
  return mapFile(join(directory, script));
}

/** Brings a script into memory, with its cache where the build has made one for this architecture. */
export function mapCachedScript(directory: string, script: CachedScript): SharedScript {
  const cache = cachePath(directory, script);
  return { source: mapScript(directory, script), cache: existsSync(cache) ? mapFile(cache) : undefined };
}
