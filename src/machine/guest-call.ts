import { ByteCollector } from "../wire/byte-collector.js";
import type { Connection } from "../wire/connection.js";
import type {
  CallStreams,
  ExitMessage,
  HostMessage,
  MachineMessage,
  TerminalSize,
  TerminationReason,
} from "../wire/messages.js";
import type { OutgoingStream } from "../wire/outgoing-stream.js";
import { Feed } from "./feed.js";
import type { CallHandlers, MachineCall, MachineExit, StartRequest } from "./types.js";

/** A guest process as the host sees it: its five streams and what is said about it. */
export class GuestCall implements MachineCall {
  readonly id: number;
  readonly #connection: Connection<HostMessage, MachineMessage>;
  readonly #handlers: CallHandlers;
  readonly #streams: CallStreams;
  readonly #value: ByteCollector;
  readonly #isSnippet: boolean;
  readonly #code: OutgoingStream;
  readonly #stdin: Feed;
  #valueTooLarge = false;
  #started = false;
  #stuck = false;
  #over = false;

  /** Sends the request. Throws RangeError when its arguments and environment are too large together. */
  constructor(
    connection: Connection<HostMessage, MachineMessage>,
    id: number,
    streams: CallStreams,
    request: StartRequest,
    handlers: CallHandlers,
  ) {
    this.id = id;
    this.#connection = connection;
    this.#handlers = handlers;
    this.#streams = streams;
    const { code, valueLimit, ...rest } = request;
    this.#value = new ByteCollector(valueLimit);
    this.#isSnippet = request.entry.kind === "snippet";
    connection.send({ type: "start", call: id, ...rest, streams });
    const end = (): void => undefined;
    connection.onIncoming(streams.stdout, { data: (bytes, done) => handlers.stdout(bytes, done), end });
    connection.onIncoming(streams.stderr, { data: (bytes, done) => handlers.stderr(bytes, done), end });
    connection.onIncoming(streams.value, { data: (bytes, done) => this.#takeValue(bytes, done), end });
    this.#code = connection.openOutgoing(streams.code);
    this.#stdin = new Feed(connection.openOutgoing(streams.stdin), "stdin");
    this.#code.write(typeof code === "string" ? Buffer.from(code) : code);
    this.#code.end();
  }

  kill(signal: number, reason: TerminationReason): void {
    if (!this.#over) this.#connection.send({ type: "kill", call: this.id, signal, reason });
  }

  writeStdin(bytes: Uint8Array): Promise<boolean> {
    return this.#stdin.write(bytes);
  }

  endStdin(): void {
    this.#stdin.end();
  }

  resize({ columns, rows }: TerminalSize): void {
    if (!this.#over) this.#connection.send({ type: "resize", call: this.id, columns, rows });
  }

  /** The machine says that the process runs. A string is a breach. */
  started(pid: number): string | null {
    if (this.#started) return `call ${this.id} started twice`;
    this.#started = true;
    this.#handlers.started?.(pid);
    return null;
  }

  /** The machine says that it can't stop the process. A string is a breach. */
  stuck(reason: TerminationReason): string | null {
    if (this.#stuck) return `call ${this.id} got stuck twice`;
    this.#stuck = true;
    this.#handlers.stuck(reason);
    return null;
  }

  /** Whether the machine may say that the process has ended. A string is a breach. */
  check(message: ExitMessage): string | null {
    const { stdout, stderr, value } = this.#streams;
    for (const id of [stdout, stderr, value]) {
      if (this.#connection.expects(id))
        return `the exit of call ${this.id} before the end of its stream ${id}`;
    }
    const came = this.#value.length > 0 || this.#valueTooLarge;
    if ((message.resident !== undefined) !== this.#isSnippet)
      return `the exit of call ${this.id} with a wrong word about a runner`;
    return message.value === came ? null : `the exit of call ${this.id} with a wrong word about its value`;
  }

  /** The process has ended. */
  exited({ exitCode, signal, termination, value, resident }: ExitMessage): void {
    this.#finish();
    this.#handlers.exit({
      exitCode,
      signal,
      termination,
      resident,
      value: value && !this.#valueTooLarge ? this.#value.bytes() : null,
      valueTooLarge: this.#valueTooLarge,
    });
  }

  /** The machine has ended. */
  lost(exit: MachineExit): void {
    this.#finish();
    this.#handlers.lost(exit);
  }

  /** Nobody takes what the host has not sent yet. */
  #finish(): void {
    this.#over = true;
    this.#code.abort();
    this.#stdin.abort();
  }

  #takeValue(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    if (this.#value.push(bytes) < bytes.length) this.#valueTooLarge = true;
    consumed(bytes.length);
  }
}
