import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { MountBackend } from "../../broker/mounts/backend.js";
import { ArchiveError } from "../../errors/archive-error.js";
import { ArchiveEntries } from "./entries.js";

/** Bounds of an archive. */
export interface ArchiveMountOptions {
  /** What its files may hold together, unpacked, in bytes. Default 512 MiB. */
  maxBytes?: number | undefined;
  /** How many entries it may have. Default 100000. */
  maxEntries?: number | undefined;
}

/**
 * A mount of what is in a tar archive (also one compressed by gzip) or a zip archive, given by its path on this
 * computer or as bytes. Needs the package `tar-stream` or `yauzl`, by what the archive is.
 *
 * @throws ArchiveError for an archive that is broken, too large, or has names or links that lead out of it.
 */
export async function archiveMount(
  archive: string | URL | Uint8Array,
  { maxBytes = 512 * 1024 * 1024, maxEntries = 100_000 }: ArchiveMountOptions = {},
): Promise<MountBackend> {
  const bytes = archive instanceof Uint8Array ? archive : await readFile(archive);
  const entries = new ArchiveEntries({ bytes: maxBytes, entries: maxEntries });
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const { readZip } = await import("./zip.js");
    await readZip(bytes, entries);
  } else {
    const { readTar } = await import("./tar.js");
    await readTar(
      bytes[0] === 0x1f && bytes[1] === 0x8b ? await unpacked(bytes, maxBytes, maxEntries) : bytes,
      entries,
    );
  }
  return {
    readdir: (path) => entries.tree.list(path),
    readFile: (path) => {
      const content = entries.tree.file(path);
      return content instanceof Uint8Array ? content : content();
    },
    // It never changes.
    watch: () => () => undefined,
  };
}

/** With what headers and padding take. */
async function unpacked(bytes: Uint8Array, maxBytes: number, maxEntries: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes + maxEntries * 1024 });
  } catch (cause) {
    const large = (cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw new ArchiveError(large ? "size" : "malformed", undefined, { cause });
  }
}
