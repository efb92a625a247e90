import type { OutputCallback } from "../options/call-options.js";
import type { ExecResult } from "../result.js";
import { OutputCapture } from "./capture.js";
import { Delivery, type OutputName } from "./delivery.js";

/** Who takes the output of a call. */
export interface CallOutput {
  /** Called when a callback failed; nothing is delivered after it. Set by the call. */
  failed: (error: unknown) => void;
  /** Takes the next bytes of a stream; `consumed` makes room for as many more. */
  push(name: OutputName, bytes: Uint8Array, consumed: (bytes: number) => void): void;
  /** Nothing more comes. Resolves when callbacks have had all of it. */
  end(): Promise<void>;
  /** The program has been stopped: nobody holds it back any longer. */
  release(): void;
  /** Delivers nothing more. */
  stop(): void;
}

/** What a caller takes of the output while it comes. */
export interface OutputCallbacks {
  onStdout: OutputCallback | undefined;
  onStderr: OutputCallback | undefined;
}

/** Output that is kept for a result, and handed to callbacks as it comes. */
export class CapturedOutput implements CallOutput {
  failed: (error: unknown) => void = () => undefined;
  readonly #capture: Readonly<Record<OutputName, OutputCapture>>;
  readonly #delivery: Delivery;

  /** `limit`: how many bytes of each stream are kept. */
  constructor({ onStdout, onStderr }: OutputCallbacks, limit: number) {
    this.#capture = {
      stdout: new OutputCapture("stdout", limit),
      stderr: new OutputCapture("stderr", limit),
    };
    this.#delivery = new Delivery({ stdout: onStdout, stderr: onStderr }, (error) => this.failed(error));
  }

  push(name: OutputName, bytes: Uint8Array, consumed: (bytes: number) => void): void {
    this.#capture[name].add(bytes);
    this.#delivery.push(name, bytes, consumed);
  }

  end(): Promise<void> {
    return this.#delivery.end();
  }

  release(): void {
    this.#delivery.release();
  }

  stop(): void {
    this.#delivery.stop();
  }

  /** The part of a result that is output. */
  get result(): Pick<ExecResult, "stdout" | "stderr" | "stdoutTruncated" | "stderrTruncated"> {
    const { stdout, stderr } = this.#capture;
    return {
      stdout: stdout.text(),
      stderr: stderr.text(),
      stdoutTruncated: stdout.truncated,
      stderrTruncated: stderr.truncated,
    };
  }
}
