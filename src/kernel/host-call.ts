import { getSystemErrorName } from "node:util";
import { STDERR_PIPE, STDOUT_PIPE } from "../syscall/process-page.js";
import {
  ByteCollector,
  type Connection,
  type HostMessage,
  type MachineMessage,
  type OutgoingStream,
  type StartMessage,
} from "../wire/index.js";
import { complaintOf } from "./node-options/complaint.js";
import { type BadCommand, INVALID_ARGUMENTS } from "./node-options/parse.js";
import { nodeProgram } from "./node-options/program.js";
import { Output } from "./output.js";
import type { GuestProcess } from "./process.js";
import type { ProcessClient, ProcessTable } from "./process-table.js";
import type { ProcessEnd } from "./process-types.js";
import { Session } from "./session.js";
import { Stdin } from "./stdin.js";
import { type Sentence, signalled, timedOut } from "./termination.js";

export type HostConnection = Connection<MachineMessage, HostMessage>;

/** The largest program, in bytes. */
const MAX_CODE = 256 * 1024 * 1024;

/** What a shell exits with that can't run a command. */
const CANNOT_RUN = 126;

/** Node's own ceiling of a timer. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The process of one call of the host: its streams on the wire, its timeout and its result. */
export class HostCall implements ProcessClient {
  readonly #table: ProcessTable;
  readonly #connection: HostConnection;
  readonly #message: StartMessage;
  readonly #onEnd: () => void;
  readonly #session: Session;
  readonly #stdin: Stdin;
  readonly #stdout: OutgoingStream;
  readonly #stderr: OutgoingStream;
  readonly #value: OutgoingStream;
  readonly #code = new ByteCollector(MAX_CODE);
  #process: GuestProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** `onEnd` is called when the host has been told all. */
  constructor(table: ProcessTable, connection: HostConnection, message: StartMessage, onEnd: () => void) {
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
    this.#stdin = new Stdin(table.disk);
    connection.onIncoming(streams.stdin, this.#stdin.incoming);
  }

  /** The host signals the process; it ends one that was aborted or has run out of time for good. */
  signal(signal: number, reason: Parameters<typeof signalled>[1]): void {
    const sentence = signalled(signal, reason);
    if (this.#process === null) this.#never(sentence);
    else if (reason === "killed") this.#process.signal(signal, sentence);
    else this.#process.end(sentence);
  }

  async #start(): Promise<void> {
    const stdin = await this.#stdin.reading;
    if (this.#ended) return;
    const { timeout, call } = this.#message;
    const started = stdin < 0 ? this.#cannotRun(stdin) : this.#program([stdin, STDOUT_PIPE, STDERR_PIPE]);
    if (started === null) return;
    this.#process = started;
    this.#stdin.give();
    if (timeout !== null) {
      this.#timer = setTimeout(() => started.end(timedOut(timeout)), Math.min(timeout, LONGEST_TIMER));
    }
    this.#connection.send({ type: "started", call, pid: started.pid });
  }

  /** Starts the process with these descriptors, or ends the call with what is to be said of it. */
  #program(files: readonly number[]): GuestProcess | null {
    const { entry, args, env, cwd, memory } = this.#message;
    const start = { ppid: 1, args, env, cwd, execArgv: [] };
    let started: GuestProcess | number;
    if (entry.kind === "code") {
      const code = this.#code.bytes().toString("utf8");
      const { filePath, dialect = null } = entry;
      const program = { ...start, entry: { kind: "module", code, filePath, dialect } } as const;
      started = this.#table.start(program, memory, this.#session, this, files);
    } else {
      const command = nodeProgram(args, env, cwd);
      if ("complaints" in command) return this.#refuse(command);
      const { needs, ...program } = command;
      try {
        started = this.#table.start({ ...start, ...program }, memory, this.#session, this, files, needs);
      } catch (error) {
        const complaint = complaintOf(error);
        if (complaint === null) throw error;
        return this.#refuse({ complaints: [complaint], exitCode: INVALID_ARGUMENTS, inEnvironment: false });
      }
    }
    if (typeof started !== "number") return started;
    return this.#cannotRun(started);
  }

  #cannotRun(error: number): null {
    const name = getSystemErrorName(error);
    return this.#say(`spawn node ${name}${name === "EAGAIN" ? ": too many processes" : ""}\n`, CANNOT_RUN);
  }

  #refuse({ complaints, exitCode }: BadCommand): null {
    return this.#say(complaints.map((complaint) => `node: ${complaint}\n`).join(""), exitCode);
  }

  #say(text: string, exitCode: number): null {
    this.#session.output.write(2, Buffer.from(text));
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
    await this.#stdin.close();
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
