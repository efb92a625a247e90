import { STDERR_PIPE, STDOUT_PIPE, TERMINAL } from "../syscall/process-page.js";
import {
  ByteCollector,
  type Connection,
  type EntryDescription,
  type HostMessage,
  type MachineMessage,
  type OutgoingStream,
  type StartMessage,
  type TerminalSize,
} from "../wire/index.js";
import { noNeeds } from "./guest-thread.js";
import { complaintOf } from "./node-options/complaint.js";
import { INVALID_ARGUMENTS } from "./node-options/parse.js";
import { Output } from "./output.js";
import type { GuestProcess } from "./process.js";
import type { ProcessTable, StartRequest } from "./process-table.js";
import type { ProcessClient, ProcessEnd } from "./process-types.js";
import { Session } from "./session.js";
import { NODE_PATH } from "./spawn/executable.js";
import { CANNOT_RUN, commandLine, type Program, shellComplaint } from "./spawn/program.js";
import { Stdin } from "./stdin.js";
import { cannotRunText, LONGEST_TIMER, type Sentence, signalled, timedOut } from "./termination.js";
import { Terminal } from "./tty/terminal.js";

export type HostConnection = Connection<MachineMessage, HostMessage>;

/** What a process of its own is started with. */
type ProcessMessage = StartMessage & { entry: Exclude<EntryDescription, { kind: "snippet" }> };

/** The largest program, in bytes. */
export const MAX_CODE = 256 * 1024 * 1024;

/** The process of one call of the host: its streams on the wire, its timeout and its result. */
export class HostCall implements ProcessClient {
  readonly #table: ProcessTable;
  readonly #connection: HostConnection;
  readonly #message: ProcessMessage;
  readonly #onEnd: () => void;
  readonly #session: Session;
  /** Where there is no terminal. */
  readonly #stdin: Stdin | null = null;
  readonly #stdout: OutgoingStream;
  readonly #stderr: OutgoingStream;
  readonly #value: OutgoingStream;
  readonly #code = new ByteCollector(MAX_CODE);
  #process: GuestProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** `onEnd` is called when the host has been told all. */
  constructor(table: ProcessTable, connection: HostConnection, message: ProcessMessage, onEnd: () => void) {
    const { streams } = message;
    this.#table = table;
    this.#connection = connection;
    this.#message = message;
    this.#onEnd = onEnd;
    this.#stdout = connection.openOutgoing(streams.stdout);
    this.#stderr = connection.openOutgoing(streams.stderr);
    this.#value = connection.openOutgoing(streams.value);
    const output = new Output(this.#stdout, this.#stderr, () => this.#session.resume());
    this.#session = new Session(output, ({ termination }) =>
      connection.send({ type: "stuck", call: message.call, reason: termination?.reason ?? "killed" }),
    );
    connection.onIncoming(streams.code, {
      data: (bytes, consumed) => {
        this.#code.push(bytes);
        consumed(bytes.length);
      },
      end: () => this.#start(),
    });
    if (message.terminal === undefined) {
      this.#stdin = new Stdin(table.disk);
      connection.onIncoming(streams.stdin, this.#stdin.incoming);
    } else {
      const terminal = new Terminal(message.terminal, output, this.#session);
      this.#session.terminal = terminal;
      connection.onIncoming(streams.stdin, terminal.incoming);
    }
  }

  /** The host signals the process; it ends one that was aborted or has run out of time for good. */
  signal(signal: number, reason: Parameters<typeof signalled>[1]): void {
    const sentence = signalled(signal, reason);
    if (this.#process === null) this.#never(sentence);
    else if (reason === "killed") this.#process.signal(signal, sentence);
    else this.#process.end(sentence);
  }

  /** The host's terminal has another size. */
  resize(size: TerminalSize): void {
    this.#session.terminal?.resize(size);
  }

  async #start(): Promise<void> {
    const files = await this.#descriptors();
    const request = await this.#find();
    if (this.#ended) return;
    const { timeout, call } = this.#message;
    const started = typeof request === "number" ? request : this.#run(request, files);
    if (started === null) return;
    if (typeof started === "number") {
      this.#cannotRun(started);
      return;
    }
    this.#process = started;
    this.#stdin?.give();
    if (this.#session.terminal !== null) this.#session.terminal.foreground = started.groupId;
    if (timeout !== null) {
      this.#timer = setTimeout(() => started.end(timedOut(timeout)), Math.min(timeout, LONGEST_TIMER));
    }
    this.#connection.send({ type: "started", call, pid: started.pid });
  }

  /** What the process gets for its standard streams, or a negative errno. */
  async #descriptors(): Promise<readonly number[] | number> {
    if (this.#stdin === null) return [TERMINAL, TERMINAL, TERMINAL];
    const reading = await this.#stdin.reading;
    return reading < 0 ? reading : [reading, STDOUT_PIPE, STDERR_PIPE];
  }

  /** What is to be run: a negative errno where it isn't there. */
  async #find(): Promise<StartRequest | number> {
    const { entry, args, env, cwd } = this.#message;
    if (entry.kind === "command") {
      const found = await this.#table.find({ file: entry.name, args: [entry.name, ...args], env, cwd });
      if (typeof found === "number") return found;
      return { program: found.program, file: found.files.at(-1) as string, env, cwd };
    }
    const program = entry.kind === "node" ? commandLine(args, env, cwd) : this.#module(entry);
    return { program, file: NODE_PATH, env, cwd };
  }

  #module({ filePath, dialect }: EntryDescription & { kind: "code" }): Program {
    const code = this.#code.bytes().toString("utf8");
    return {
      args: this.#message.args,
      execArgv: [],
      entry: { kind: "module", code, filePath, dialect: dialect ?? null },
      needs: noNeeds,
    };
  }

  /** The process; a negative errno, or null when the call has ended with what is wrong with its options. */
  #run(request: StartRequest, files: readonly number[] | number): GuestProcess | number | null {
    if (typeof files === "number") return files;
    const { entry } = request.program;
    // It takes no thread to say.
    if (entry.kind === "complaint") return this.#say(entry.text, entry.exitCode);
    try {
      return this.#table.start(request, this.#message.memory, this.#session, this, files);
    } catch (error) {
      const complaint = complaintOf(error);
      if (complaint === null) throw error;
      return this.#say(`node: ${complaint}\n`, INVALID_ARGUMENTS);
    }
  }

  #cannotRun(error: number): void {
    const { entry } = this.#message;
    if (entry.kind === "command") {
      const { text, exitCode } = shellComplaint(entry.name, error);
      this.#say(text, exitCode);
      return;
    }
    this.#say(cannotRunText(error), CANNOT_RUN);
  }

  #say(text: string, exitCode: number): null {
    const { terminal, output } = this.#session;
    if (terminal === null) output.write(2, Buffer.from(text));
    else terminal.write(Buffer.from(text));
    this.#never({ exitCode, signal: null, termination: null, patience: 0 });
    return null;
  }

  /** Ends a call whose process never was. */
  async #never({ exitCode, signal, termination }: Sentence): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.ended({ exitCode, signal, termination, value: null });
  }

  async ended({ exitCode, signal, termination, value }: ProcessEnd): Promise<void> {
    const { call, streams } = this.#message;
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#session.end();
    await this.#stdin?.close();
    await this.#session.output.end();
    const returned = value !== null && value.length > 0;
    if (returned) this.#value.write(value);
    this.#value.end();
    await this.#value.flushed();
    this.#connection.discardIncoming(streams.code);
    this.#connection.discardIncoming(streams.stdin);
    this.#connection.send({ type: "exit", call, exitCode, signal, termination, value: returned });
    this.#onEnd();
  }
}
