import { Script } from "node:vm";

/** What reads and writes archives. */
export type TarLibrary = Pick<typeof import("tar-stream"), "extract" | "pack">;

declare const require: NodeJS.Require;

/** The library from its script, from the first use on. */
export function lazyTar(source: Uint8Array): () => TarLibrary {
  let library: TarLibrary | undefined;
  return () => {
    if (library !== undefined) return library;
    const exports = {} as TarLibrary;
    const script = new Script(Buffer.from(source).toString("latin1"), { filename: "tar" });
    script.runInThisContext()(require, exports);
    library = exports;
    return library;
  };
}
