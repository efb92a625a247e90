import type { OutgoingStream } from "../wire/index.js";

const CHUNK_BYTES = 64 * 1024;

/** Writes of one turn gather here; all outputs share it, since each empties it before it lets go. */
const gathered = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/**
 * A process's standard output and standard error, on their way to the host.
 *
 * The two keep the order of the writes between them, so a stream without credit holds back both. What
 * waits is at most one chunk: the writes behind it stay in the thread's ring, whose owner then sleeps.
 */
export class Output {
  readonly #streams: readonly [OutgoingStream, OutgoingStream];
  #current = 0;
  #length = 0;

  /** `onDrain` is called when writes that were refused would be taken. */
  constructor(stdout: OutgoingStream, stderr: OutgoingStream, onDrain: () => void) {
    this.#streams = [stdout, stderr];
    stdout.onDrain = onDrain;
    stderr.onDrain = onDrain;
  }

  /** Whether what was sent waits for the host, so that there is no room now. */
  get full(): boolean {
    const [stdout, stderr] = this.#streams;
    return stdout.queued > 0 || stderr.queued > 0;
  }

  /** Takes bytes that the caller keeps; false when there is no room now. */
  write(fd: 1 | 2, bytes: Uint8Array): boolean {
    if (this.full) return false;
    if (fd - 1 !== this.#current || this.#length + bytes.length > CHUNK_BYTES) {
      this.flush();
      this.#current = fd - 1;
      if (this.full) return false;
    }
    if (bytes.length > CHUNK_BYTES) {
      this.#streams[fd - 1]?.write(Uint8Array.from(bytes));
      return true;
    }
    gathered.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  /** Sends what was gathered. To be called at the end of each turn in which something was written. */
  flush(): void {
    if (this.#length === 0) return;
    const chunk = Buffer.from(gathered.subarray(0, this.#length));
    this.#length = 0;
    this.#streams[this.#current]?.write(chunk);
  }

  /** Ends both streams after what was written. Resolves when the host has it all, or is gone. */
  async end(): Promise<void> {
    this.flush();
    for (const stream of this.#streams) stream.end();
    for (const stream of this.#streams) await stream.flushed();
  }
}
