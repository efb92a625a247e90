import { EBUSY, ERESTARTSYS } from "../../syscall/errno.js";
import type { OutgoingStream } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";

/** Pieces are cut from slabs of this size, so that little traffic takes little memory. */
const SLAB_BYTES = 256 * 1024;
/** Less room than this is not worth a read. */
const LEAST_ROOM = 16 * 1024;
/** After so many pieces others get their turn. */
const PIECES = 16;
/** Before the disk is tried again that a guest has locked, in milliseconds. */
const PAUSE = 1;

let slab = Buffer.alloc(0);
let used = 0;

/** Memory to read into: what was read stays as it is until it has left. */
function room(): Buffer {
  if (slab.length - used < LEAST_ROOM) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  return slab.subarray(used);
}

/** Carries what a guest writes to a pipe of the disk to the host, up to the end of the pipe. */
export class Upstream {
  readonly #disk: DiskAccess;
  readonly #stream: OutgoingStream;
  readonly #file: number;
  readonly #onEnd: () => void;
  #ended = false;

  /** `file` is closed at the end, which `onEnd` is told. */
  constructor(disk: DiskAccess, file: number, stream: OutgoingStream, onEnd: () => void) {
    this.#disk = disk;
    this.#file = file;
    this.#stream = stream;
    this.#onEnd = onEnd;
    stream.onDrain = this.#pull;
    this.#pull();
  }

  /** Nobody takes anything any more. */
  abort(): void {
    if (this.#ended) return;
    this.#stream.abort();
    this.#end();
  }

  readonly #pull = (): void => {
    const { root } = this.#disk;
    for (let piece = 0; !this.#ended; piece++) {
      // The stream calls again when it has sent what waits.
      if (this.#stream.queued > 0) return;
      if (piece === PIECES) {
        setImmediate(this.#pull);
        return;
      }
      const target = room();
      const count = root.read(this.#file, target, 0, target.length, -1);
      if (count > 0) {
        used += count;
        this.#stream.write(target.subarray(0, count));
      } else if (count === -ERESTARTSYS) {
        if (root.waitLater(this.#pull)) return;
      } else if (count === -EBUSY) {
        setTimeout(this.#pull, PAUSE);
        return;
      } else {
        this.#stream.end();
        this.#end();
      }
    }
  };

  #end(): void {
    this.#ended = true;
    this.#stream.onDrain = null;
    this.#disk.attempt(() => this.#disk.root.close(this.#file));
    this.#onEnd();
  }
}
