/** Someone who waits for the next piece. */
type Waiter = (result: IteratorResult<string, undefined>) => void;

/**
 * Text on its way to whoever reads it, a piece at a time. A loop that is left can be taken up again: there is
 * one sequence of pieces, however many loops run over it.
 */
export class OutputReader implements AsyncIterable<string> {
  #piece: { text: string; taken: () => void } | null = null;
  #ended = false;
  readonly #waiting: Waiter[] = [];

  /** Offers a piece; one at a time. Resolves when it has been taken. */
  give(text: string): Promise<void> | undefined {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      waiter({ done: false, value: text });
      return undefined;
    }
    return new Promise((taken) => {
      this.#piece = { text, taken };
    });
  }

  /** Nothing more comes. What has been given can still be taken. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting.splice(0)) waiter({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<string, undefined>> {
    const piece = this.#piece;
    if (piece !== null) {
      this.#piece = null;
      piece.taken();
      return Promise.resolve({ done: false, value: piece.text });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
