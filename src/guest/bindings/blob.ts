/**
 * The `blob` binding: Blobs of files, which are read as far as somebody asks. Node's C++ knows no files but
 * the host's, so that a Blob with one of ours in it, and what is done with such a Blob, is made here.
 */
import { O_RDONLY } from "../../disk/modes.js";
import type { Path } from "../../disk/types.js";
import { EINVAL } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { complete, Operation } from "./completions.js";
import { checkPath } from "./fs/arguments.js";
import { uvException } from "./fs/errors.js";

const {
  ArrayBuffer: Buffer_,
  ArrayBufferPrototypeSlice,
  ArrayPrototypePush,
  FunctionPrototypeBind,
  FunctionPrototypeCall,
  MathMax,
  MathMin,
  ObjectCreate,
  SafeMap,
  SafeWeakMap,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  SymbolToStringTag,
  Uint8Array: Bytes,
} = primordials;
const Doubles = Float64Array;
const CHUNK = 65536;
const URL_START = "blob:nodedata:";
const { isArrayBufferView }: { isArrayBufferView(value: unknown): boolean } =
  requireBuiltin("internal/util/types");

/** What `pull` hands over. */
const END = 0;
const CONTINUE = 1;
type Pulled = (status: number, buffer?: ArrayBuffer) => void;

interface Reader {
  pull(done: Pulled): void;
  setWakeup(wakeup: unknown): void;
}

/** Named after the native class, since it shows in stacks. */
class BlobReader implements Reader {
  readonly #pull: (reader: BlobReader, done: Pulled) => void;

  constructor(pull: (reader: BlobReader, done: Pulled) => void) {
    this.#pull = pull;
  }

  pull(done: Pulled): void {
    this.#pull(this, done);
  }

  /** A pull is answered by its own callback: nothing is left to be woken up for. */
  setWakeup(): void {
    return;
  }
}

/** What Node's JavaScript keeps of a Blob. */
interface Handle {
  getReader(): Reader;
  slice(start: number, end: number): Handle;
}

/** A part of a Blob, of so many bytes. */
interface Part {
  readonly handle: Handle;
  readonly length: number;
}

/** A file as it was when its Blob was made. */
interface KnownFile {
  readonly path: Path;
  readonly size: number;
  readonly changed: number;
}

type Stored = readonly [Handle, number, string];

export function blobBinding({ disk }: GuestEnv): Record<string, Internal> {
  const native: Internal = { __proto__: null, ...internalBinding("blob") };
  const { concat }: { concat(buffers: ArrayBuffer[]): ArrayBuffer } = native;
  /** Of the handles that are ours. */
  const lengths: WeakMap<object, number> = new SafeWeakMap();
  const urls: Map<string, Stored> = new SafeMap();
  const stats = new Doubles(18);

  /** Functions of its own have structured cloning refuse it. */
  function makeHandle(length: number, getReader: () => Reader, slice: Handle["slice"]): Handle {
    const handle: Internal = ObjectCreate(null, {
      [SymbolToStringTag]: { __proto__: null, value: "Blob" },
    });
    handle.getReader = FunctionPrototypeBind(getReader, undefined);
    handle.slice = FunctionPrototypeBind(slice, undefined);
    lengths.set(handle, length);
    return handle;
  }

  function fileHandle(file: KnownFile, start: number, end: number): Handle {
    return makeHandle(
      end - start,
      () => fileReader(file, start, end),
      (from, to) => fileHandle(file, MathMin(start + from, end), MathMax(MathMin(start + to, end), start)),
    );
  }

  function fileReader(file: KnownFile, start: number, end: number): Reader {
    let at = start;
    return new BlobReader((reader, done) => {
      const buffer = readPart(file, at, end);
      if (buffer === undefined) {
        FunctionPrototypeCall(done, reader, -EINVAL);
        return;
      }
      if (typeof buffer !== "number") at += buffer.byteLength;
      complete(new Operation("BLOBREADER", reader), reader, () => {
        if (typeof buffer === "number") FunctionPrototypeCall(done, reader, buffer);
        else FunctionPrototypeCall(done, reader, CONTINUE, buffer);
      });
    });
  }

  /** The next bytes, `END`, or a negative errno; undefined of a file that is not what it was. */
  function readPart(
    { path, size, changed }: KnownFile,
    at: number,
    end: number,
  ): ArrayBuffer | number | undefined {
    const opened = disk.open(path, O_RDONLY, 0);
    if (opened < 0) return undefined;
    try {
      const known = disk.fstat(opened, stats) === 0 && stats[8] === size && stats[13] === changed;
      if (!known) return undefined;
      if (at >= end) return END;
      const wanted = MathMin(end - at, CHUNK);
      const buffer: ArrayBuffer = new Buffer_(wanted);
      const count = disk.read(opened, new Bytes(buffer), 0, wanted, at);
      if (count <= 0) return count;
      return count === wanted ? buffer : ArrayBufferPrototypeSlice(buffer, 0, count);
    } finally {
      disk.close(opened);
    }
  }

  function joinedHandle(parts: readonly Part[]): Handle {
    let length = 0;
    for (let i = 0; i < parts.length; i++) length += (parts[i] as Part).length;
    return makeHandle(
      length,
      () => joinedReader(parts),
      (from, to) => joinedHandle(sliceParts(parts, from, to)),
    );
  }

  function createBlobFromFilePath(path: unknown): Internal {
    const name = checkPath(createBlobFromFilePath, path);
    const result = disk.stat(name, stats);
    if (result < 0) throw uvException(createBlobFromFilePath, result, "stat", name);
    const size = stats[8] as number;
    return [fileHandle({ path: name, size, changed: stats[13] as number }, 0, size), size];
  }

  function createBlob(sources: readonly Internal[], length: number): Internal {
    let joins = false;
    for (let i = 0; i < sources.length; i++) if (lengths.has(sources[i])) joins = true;
    if (!joins) return native.createBlob(sources, length);
    const parts: Part[] = [];
    for (let i = 0; i < sources.length; i++) ArrayPrototypePush(parts, partOf(sources[i]));
    return joinedHandle(parts);
  }

  /** `source`: bytes, or the handle of a Blob. */
  function partOf(source: Internal): Part {
    const known = lengths.get(source);
    if (known !== undefined) return { handle: source, length: known };
    const bytes = isArrayBufferView(source) ? source : concat(readNow(source.getReader()));
    // The native Blob takes the bytes away.
    const length: number = bytes.byteLength;
    return { handle: native.createBlob([bytes], length), length };
  }

  // What `URL.createObjectURL` gives a name to.
  function storeDataObject(id: string, handle: Handle, length: number, type: string): void {
    if (lengths.has(handle)) urls.set(id, [handle, length, type]);
    else native.storeDataObject(id, handle, length, type);
  }

  function getDataObject(id: string): Internal {
    return urls.get(id) ?? native.getDataObject(id);
  }

  function revokeObjectURL(url: string): void {
    if (StringPrototypeStartsWith(url, URL_START)) urls.delete(StringPrototypeSlice(url, URL_START.length));
    native.revokeObjectURL(url);
  }

  return { createBlobFromFilePath, createBlob, storeDataObject, getDataObject, revokeObjectURL };
}

/** All that a Blob in memory has, which it hands over at once. */
function readNow(reader: Reader): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (let more = true; more; ) {
    more = false;
    reader.pull((status, buffer) => {
      more = status > END;
      if (buffer !== undefined) ArrayPrototypePush(buffers, buffer);
    });
  }
  return buffers;
}

/** The parts between two places. */
function sliceParts(parts: readonly Part[], start: number, end: number): Part[] {
  const sliced: Part[] = [];
  for (let i = 0, at = 0; i < parts.length; i++) {
    const { handle, length } = parts[i] as Part;
    const from = MathMax(start - at, 0);
    const to = MathMin(end - at, length);
    at += length;
    if (from < to) ArrayPrototypePush(sliced, { handle: handle.slice(from, to), length: to - from });
  }
  return sliced;
}

/** Reads one part after the other. */
function joinedReader(parts: readonly Part[]): Reader {
  let index = 0;
  let current: Reader | undefined;
  return new BlobReader((reader, done) => {
    const next = (): void => {
      const part = parts[index];
      if (part === undefined) {
        FunctionPrototypeCall(done, reader, END);
        return;
      }
      current ??= part.handle.getReader();
      current.pull((status, buffer) => {
        if (status !== END) {
          FunctionPrototypeCall(done, reader, status, buffer);
          return;
        }
        index++;
        current = undefined;
        next();
      });
    };
    next();
  });
}
