/** An error of a descriptor, with the code that the system's call would have had. */
export class DescriptorError extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/**
 * What a command reads from or writes to: a descriptor of this process, or the end of a pipe between two
 * commands that run in it. Counted: who keeps one retains it, and releases it when done.
 */
export abstract class Descriptor {
  #references = 1;

  /** What a child process can inherit; null where its bytes must be carried. */
  get fd(): number | null {
    return null;
  }

  /** Which way its bytes go where they must be carried; null where a child can inherit it. */
  get carries(): "in" | "out" | null {
    return null;
  }

  /** Gives back bytes that were read and not used. */
  unread(_bytes: Buffer): void {
    throw new DescriptorError("ESPIPE", "Illegal seek");
  }

  /** Whether it is a terminal. */
  get terminal(): boolean {
    return false;
  }

  /** At most `most` bytes, as soon as there are any; null at the end. */
  read(_most: number): Promise<Buffer | null> {
    throw new DescriptorError("EBADF", "Bad file descriptor");
  }

  /** Takes all of the bytes, and resolves when more are welcome. */
  write(_bytes: Buffer): Promise<void> {
    throw new DescriptorError("EBADF", "Bad file descriptor");
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references === 0) this.close();
  }

  /** The last one that kept it has let go. */
  protected abstract close(): void;
}
