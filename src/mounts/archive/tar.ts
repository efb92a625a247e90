import { extract, type Header } from "tar-stream";
import { ArchiveError } from "../../errors/archive-error.js";
import type { ArchiveEntries } from "./entries.js";

/** Reads a tar archive, which is not compressed. */
export async function readTar(bytes: Uint8Array, entries: ArchiveEntries): Promise<void> {
  const stream = extract();
  stream.end(bytes);
  try {
    for await (const entry of stream) {
      const { header } = entry;
      const path = entries.admit(header.name, header.type === "file" ? (header.size ?? 0) : 0);
      const pieces: Uint8Array[] = [];
      for await (const piece of entry) pieces.push(piece as Uint8Array);
      put(entries, path, header, Buffer.concat(pieces));
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    const truncated = /end of data/i.test(String((error as Error).message));
    throw new ArchiveError(truncated ? "truncated" : "malformed", undefined, { cause: error });
  }
}

function put(entries: ArchiveEntries, path: string, header: Header, content: Buffer): void {
  const { name, mode, linkname } = header;
  const mtime = header.mtime?.getTime() ?? 0;
  switch (header.type) {
    case "directory":
      entries.directory(path, mode, mtime);
      break;
    case "file":
    case "contiguous-file":
      entries.file(path, { type: "file", size: content.length, mode, mtime }, content);
      break;
    case "symlink":
      entries.file(path, { type: "symlink", target: linkname ?? "", mtime }, content);
      break;
    case "link":
      entries.link(path, linkname ?? "", { type: "file", mode, mtime });
      break;
    default:
      throw new ArchiveError("kind", name);
  }
}
