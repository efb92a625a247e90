import { type Internal, internalBinding, primordials } from "../internals.js";
import type { HandleEvents } from "./stream-handle.js";

const { ArrayPrototypePush, ArrayPrototypeShift, ReflectApply } = primordials;
const { finishWrite } = internalBinding("js_stream")["JSStream"].prototype;

/** Writes of a stream that C++ has asked for: it may not hear of their end while it writes. */
export class NativeWrites {
  readonly #stream: object;
  readonly #events: HandleEvents;
  /** How many it has not been told the end of. */
  #unfinished = 0;
  readonly #finished: (() => void)[] = [];
  #last: (() => void) | null = null;

  constructor(stream: object, events: HandleEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  /** Answers what tells the end of a write. */
  begin(request: Internal): (status: number) => void {
    this.#unfinished++;
    return (status) => {
      this.#unfinished--;
      ReflectApply(finishWrite, this.#stream, [request, status]);
      if (this.#unfinished > 0 || this.#last === null) return;
      const last = this.#last;
      this.#last = null;
      last();
    };
  }

  /** A write is done already. */
  done(finish: (status: number) => void, status: number): void {
    if (this.#finished.length === 0) this.#events.later(this.tell);
    ArrayPrototypePush(this.#finished, () => finish(status));
  }

  /** Tells of what is done. */
  readonly tell = (): void => {
    while (this.#finished.length > 0) (ArrayPrototypeShift(this.#finished) as () => void)();
  };

  /** Whoever encrypts may write the rest only when it hears of what is written already. */
  afterwards(callback: () => void): void {
    if (this.#unfinished > 0) this.#last = callback;
    else callback();
  }
}
