import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { ArchiveError } from "../../errors/archive-error.js";
import type { ArchiveEntries } from "./entries.js";

const S_IFMT = 0o170000;
const S_IFLNK = 0o120000;
/** The system that made an entry, where it has Unix's modes. */
const UNIX = 3;
const MAX_TARGET = 4095;

/** Reads the directory of a zip archive; files are unpacked when somebody reads them. */
export async function readZip(bytes: Uint8Array, entries: ArchiveEntries): Promise<void> {
  try {
    const zip = await open(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    for (let entry = await next(zip); entry !== null; entry = await next(zip)) await put(zip, entry, entries);
  } catch (error) {
    throw error instanceof ArchiveError ? error : new ArchiveError("malformed", undefined, { cause: error });
  }
}

function open(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
    fromBuffer(bytes, options, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

function next(zip: ZipFile): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (answer: () => void) => {
      for (const event of ["entry", "end", "error"]) zip.removeAllListeners(event);
      answer();
    };
    zip.on("entry", (entry: Entry) => settle(() => resolve(entry)));
    zip.on("end", () => settle(() => resolve(null)));
    zip.on("error", (error: Error) => settle(() => reject(error)));
    zip.readEntry();
  });
}

async function put(zip: ZipFile, entry: Entry, entries: ArchiveEntries): Promise<void> {
  const { fileName, uncompressedSize: size, versionMadeBy, externalFileAttributes } = entry;
  const unix = versionMadeBy >>> 8 === UNIX ? externalFileAttributes >>> 16 : 0;
  const mode = (unix & 0o777) === 0 ? undefined : unix & 0o777;
  const mtime = entry.getLastModDate().getTime();
  const path = entries.admit(fileName, size);
  if (entry.isEncrypted()) throw new ArchiveError("kind", fileName);
  if (fileName.endsWith("/")) entries.directory(path, mode, mtime);
  else if ((unix & S_IFMT) === S_IFLNK) {
    if (size > MAX_TARGET) throw new ArchiveError("link", fileName);
    const target = Buffer.from(await unpack(zip, entry)).toString();
    entries.file(path, { type: "symlink", target, mtime }, new Uint8Array());
  } else entries.file(path, { type: "file", size, mode, mtime }, () => unpack(zip, entry));
}

/** The library sees to it that there are as many bytes as the entry says. */
function unpack(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("error", reject);
      stream.on("end", () => resolve(Buffer.concat(pieces)));
    });
  });
}
