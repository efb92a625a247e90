import { Delivery, type OutputName } from "./delivery.js";
import type { CallOutput, OutputCallbacks } from "./output.js";
import { OutputReader } from "./output-reader.js";

/** Output of a process that its caller follows: each stream by a callback, or else by reading it. */
export class LiveOutput implements CallOutput {
  failed: (error: unknown) => void = () => undefined;
  readonly stdout = new OutputReader();
  readonly stderr = new OutputReader();
  readonly #deliveries: Readonly<Record<OutputName, Delivery>>;
  /** The streams that nobody has a callback for. */
  readonly #read: readonly OutputName[];

  constructor({ onStdout, onStderr }: OutputCallbacks) {
    const failed = (error: unknown): void => this.failed(error);
    // Callbacks have an order between them; who reads one stream doesn't wait for the reader of the other.
    const called = new Delivery({ stdout: onStdout, stderr: onStderr }, failed);
    const reading = (name: OutputName): Delivery =>
      new Delivery(
        { stdout: undefined, stderr: undefined, [name]: (text: string) => this[name].give(text) },
        failed,
      );
    this.#deliveries = {
      stdout: onStdout === undefined ? reading("stdout") : called,
      stderr: onStderr === undefined ? reading("stderr") : called,
    };
    this.#read = (["stdout", "stderr"] as const).filter((name) => this.#deliveries[name] !== called);
  }

  push(name: OutputName, bytes: Uint8Array, consumed: (bytes: number) => void): void {
    this.#deliveries[name].push(name, bytes, consumed);
  }

  /** What has not been read by now can still be read. */
  async end(): Promise<void> {
    for (const name of ["stdout", "stderr"] as const) {
      const delivered = this.#deliveries[name].end();
      if (this.#read.includes(name)) void delivered.then(() => this[name].end());
      else {
        await delivered;
        this[name].end();
      }
    }
  }

  release(): void {
    this.#deliveries.stdout.release();
    this.#deliveries.stderr.release();
  }

  stop(): void {
    for (const name of ["stdout", "stderr"] as const) {
      this.#deliveries[name].stop();
      this[name].end();
    }
  }
}
