import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileSystem } from "../file-system.js";
import { findTypeScript } from "./host-packages.js";

/** Where guests find the TypeScript package. */
export const TYPESCRIPT = "/usr/local/lib/node_modules/typescript";
const script = "lib/typescript.js";

/** The compiler's script on a guest's disk. */
export const COMPILER = `${TYPESCRIPT}/${script}`;

/** The TypeScript compiler of the host on the disk of a runtime: as bytes, when the first call needs it. */
export class CompilerOnDisk {
  readonly #files: FileSystem;
  #written: Promise<void> | null = null;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  /** Resolves when it is there. Rejects with CompilerUnavailableError, or with what prevents writing it. */
  provide(): Promise<void> {
    this.#written ??= this.#write().catch((error: unknown) => {
      this.#written = null;
      throw error;
    });
    return this.#written;
  }

  async #write(): Promise<void> {
    const data = await readFile(join(findTypeScript(), script));
    // On a disk from elsewhere it may be another version's.
    await this.#files.rm(`${COMPILER}.cache`, { force: true });
    await this.#files.writeInitialFile({ path: COMPILER, data, length: data.length });
  }
}
