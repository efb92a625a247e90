import type { OutputCallback } from "../options/call-options.js";

/** The name of an output stream. */
export type OutputName = "stdout" | "stderr";

/** Says that so many bytes of a stream are done with. */
type Consumed = (bytes: number) => void;

interface Piece {
  name: OutputName;
  text: string;
  bytes: number;
  consumed: Consumed;
}

/** Delivered pieces that may stay in the queue, which is then cut. */
const COMPACT = 64;

/**
 * What is taken without waiting for callbacks once the program has been stopped: the output that a
 * machine still holds for one process is far less.
 */
const MAX_RELEASED_BYTES = 4 * 1024 * 1024;

/**
 * Hands output to `onStdout` and `onStderr`: in the order of writing, one call at a time, whole
 * characters only. What a slow callback has not taken is not consumed, which holds the program back.
 */
export class Delivery {
  readonly #callbacks: Readonly<Record<OutputName, OutputCallback | undefined>>;
  readonly #failed: (error: unknown) => void;
  readonly #decoders = {
    stdout: new TextDecoder("utf-8", { ignoreBOM: true }),
    stderr: new TextDecoder("utf-8", { ignoreBOM: true }),
  };
  /** From `#next` on not delivered, that one perhaps being so now. */
  #queue: Piece[] = [];
  #next = 0;
  /** True while a callback runs or its promise is pending. */
  #busy = false;
  #stopped = false;
  #released = false;
  #releasedBytes = 0;
  #idle: (() => void)[] = [];

  /** `failed` gets the error of a callback, at most once; nothing is delivered after it. */
  constructor(
    callbacks: { stdout: OutputCallback | undefined; stderr: OutputCallback | undefined },
    failed: (error: unknown) => void,
  ) {
    this.#callbacks = callbacks;
    this.#failed = failed;
  }

  /** Takes the next bytes of a stream. */
  push(name: OutputName, bytes: Uint8Array, consumed: Consumed): void {
    if (this.#callbacks[name] === undefined || this.#stopped) {
      consumed(bytes.length);
      return;
    }
    this.#enqueue(name, this.#decoders[name].decode(bytes, { stream: true }), bytes.length, consumed);
  }

  /** Resolves when all that was pushed is delivered; nothing may be pushed any more. */
  async end(): Promise<void> {
    for (const name of ["stdout", "stderr"] as const) {
      // An unfinished character becomes U+FFFD.
      if (this.#callbacks[name] !== undefined)
        this.#enqueue(name, this.#decoders[name].decode(), 0, () => {});
    }
    if (this.#stopped || this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * Holds the program back no longer: it has been stopped, and the end of its output must not wait for
   * a slow callback.
   */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const piece of this.#queue.slice(this.#next)) {
      this.#releasedBytes += piece.bytes;
      consume(piece);
    }
  }

  /** Delivers nothing more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const piece of this.#queue.slice(this.#next)) consume(piece);
    this.#queue = [];
    this.#settle();
  }

  #enqueue(name: OutputName, text: string, bytes: number, consumed: Consumed): void {
    let held = bytes;
    if (text === "" || (this.#released && this.#releasedBytes < MAX_RELEASED_BYTES)) {
      this.#releasedBytes += bytes;
      consumed(bytes);
      held = 0;
    }
    if (text === "") return;
    const last = this.#queue.at(-1);
    // The one at `#next` may be in the hands of its callback already.
    if (last?.name === name && this.#queue.length > this.#next + 1) {
      last.text += text;
      last.bytes += held;
      return;
    }
    this.#queue.push({ name, text, bytes: held, consumed });
    this.#deliver();
  }

  /** Calls back up to the first callback that takes its time, and goes on after it. */
  #deliver(): void {
    while (!this.#busy && !this.#stopped) {
      const piece = this.#queue[this.#next];
      if (piece === undefined) {
        this.#queue = [];
        this.#next = 0;
        this.#settle();
        return;
      }
      let answer: unknown;
      this.#busy = true;
      try {
        answer = this.#callbacks[piece.name]?.(piece.text);
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (isThenable(answer)) {
        Promise.resolve(answer).then(
          () => {
            this.#done(piece);
            this.#deliver();
          },
          (error: unknown) => this.#fail(error),
        );
      } else {
        this.#done(piece);
      }
    }
  }

  #done(piece: Piece): void {
    this.#busy = false;
    this.#next++;
    consume(piece);
    // A callback that never quite keeps up must not have all that it was given kept for it.
    if (this.#next < COMPACT) return;
    this.#queue.splice(0, this.#next);
    this.#next = 0;
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#failed(error);
  }

  #settle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

function consume(piece: Piece): void {
  const { bytes } = piece;
  piece.bytes = 0;
  piece.consumed(bytes);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
