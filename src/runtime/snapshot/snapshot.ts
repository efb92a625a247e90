import { refuse } from "../options/checks.js";
import { type Content, decodeSnapshot, encodeSnapshot } from "./format.js";

/** Makes a snapshot of what is in one: callers can't. */
export let makeSnapshot: (content: Content) => Snapshot;
/** What is in a snapshot; undefined for anything else. */
export let contentOf: (value: unknown) => Content | undefined;

/**
 * The disk of a runtime as it was at one moment, with its `cwd` and `env`: what `rt.snapshot()` gives and
 * `NodeRuntime.create({ snapshot })` takes.
 *
 * It is opaque: what is on the disk only machines know, which check it when it is restored. It holds the files
 * of the guest and the variables of `env` in the clear.
 */
export class Snapshot {
  readonly #content: Content;

  static {
    makeSnapshot = (content) => new Snapshot(content);
    contentOf = (value) => (value instanceof Snapshot ? value.#content : undefined);
  }

  private constructor(content: Content) {
    this.#content = content;
  }

  /** What the disk's contents take, in bytes: in memory, and but for some hundred bytes in a file. */
  get size(): number {
    const { image, map } = this.#content;
    return image.length + map.bits.length;
  }

  /** The snapshot as bytes, to be kept: with a version, their number and a checksum. */
  toBuffer(): Buffer {
    return encodeSnapshot(this.#content);
  }

  /**
   * The snapshot that `toBuffer()` made these bytes of. They are copied.
   *
   * @throws SnapshotError for bytes that are no snapshot, are not all of one, have changed, or are of another
   * version of this library.
   */
  static fromBuffer(bytes: Uint8Array): Snapshot {
    if (!(bytes instanceof Uint8Array)) refuse("bytes", "a Uint8Array", bytes);
    return new Snapshot(decodeSnapshot(Buffer.from(bytes)));
  }
}
