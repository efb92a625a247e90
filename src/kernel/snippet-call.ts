import { constants } from "node:os";
import { ByteCollector, type OutgoingStream, type StartMessage } from "../wire/index.js";
import { type HostConnection, MAX_CODE } from "./host-call.js";
import { Output } from "./output.js";
import type { ProcessEnd } from "./process-types.js";
import { type Sentence, signalled } from "./termination.js";

const { SIGKILL } = constants.signals;

/** The runner that a snippet is for. */
export interface SnippetRunner {
  /** Evaluates a snippet; the one before is over. */
  evaluate(snippet: SnippetCall): void;
  /** Ends the process that a snippet is in. */
  end(sentence: Sentence): void;
  /** There is room for output again. */
  resume(): void;
}

/** The process that a snippet was evaluated in. */
export interface SnippetPlace {
  pid: number;
  lives: boolean;
}

/** One snippet: its streams on the wire and its result. */
export class SnippetCall {
  readonly message: StartMessage;
  readonly filePath: string | null;
  readonly output: Output;
  readonly #connection: HostConnection;
  readonly #value: OutgoingStream;
  readonly #code = new ByteCollector(MAX_CODE);
  readonly #onEnd: () => void;
  readonly #runner: SnippetRunner | undefined;
  #started = false;
  #ended = false;

  /** `onEnd` is called when the host has been told all. */
  constructor(
    connection: HostConnection,
    message: StartMessage,
    filePath: string | null,
    runner: SnippetRunner | undefined,
    onEnd: () => void,
  ) {
    const { streams } = message;
    this.message = message;
    this.filePath = filePath;
    this.#connection = connection;
    this.#runner = runner;
    this.#onEnd = onEnd;
    const stdout = connection.openOutgoing(streams.stdout);
    const stderr = connection.openOutgoing(streams.stderr);
    this.#value = connection.openOutgoing(streams.value);
    this.output = new Output(stdout, stderr, () => runner?.resume());
    connection.onIncoming(streams.code, {
      data: (bytes, consumed) => {
        this.#code.push(bytes);
        consumed(bytes.length);
      },
      end: () => this.#start(),
    });
    // The process has its own.
    connection.onIncoming(streams.stdin, {
      data: (bytes, consumed) => consumed(bytes.length),
      end: () => undefined,
    });
  }

  get code(): string {
    return this.#code.bytes().toString("utf8");
  }

  #start(): void {
    if (this.#ended) return;
    this.#started = true;
    if (this.#runner === undefined) this.#never(signalled(SIGKILL, "killed"));
    else this.#runner.evaluate(this);
  }

  /** The host wants the process of a snippet ended: it was aborted or has run out of time. */
  signal(signal: number, reason: Parameters<typeof signalled>[1]): void {
    const sentence = signalled(signal, reason);
    if (this.#started) this.#runner?.end(sentence);
    else this.#never(sentence);
  }

  #never({ exitCode, signal, termination }: Sentence): void {
    this.finish({ exitCode, signal, termination, value: null }, { pid: 1, lives: false });
  }

  /** Tells the host how it went. */
  async finish({ exitCode, signal, termination, value }: ProcessEnd, resident: SnippetPlace): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { call, streams } = this.message;
    await this.output.end();
    const returned = value !== null && value.length > 0;
    if (returned) this.#value.write(value);
    this.#value.end();
    await this.#value.flushed();
    this.#connection.discardIncoming(streams.code);
    this.#connection.discardIncoming(streams.stdin);
    this.#connection.send({ type: "exit", call, exitCode, signal, termination, value: returned, resident });
    this.#onEnd();
  }
}
