import { constants } from "node:os";
import { ESRCH } from "../syscall/errno.js";
import { STDERR_PIPE, STDOUT_PIPE } from "../syscall/process-page.js";
import type { RunnerMessage, TerminationReason } from "../wire/index.js";
import { noNeeds } from "./guest-thread.js";
import type { HostConnection } from "./host-call.js";
import { Output } from "./output.js";
import type { GuestProcess } from "./process.js";
import type { ProcessTable } from "./process-table.js";
import type { ProcessClient, ProcessEnd } from "./process-types.js";
import { Session } from "./session.js";
import type { SnippetCall, SnippetPlace, SnippetRunner } from "./snippet-call.js";
import { NODE_PATH } from "./spawn/executable.js";
import { CANNOT_RUN, type Program } from "./spawn/program.js";
import { Stdin } from "./stdin.js";
import { cannotRunText, LONGEST_TIMER, type Sentence, signalled, timedOut } from "./termination.js";

const { SIGKILL } = constants.signals;

/** A process that is, or has been, a runner's. */
interface Resident {
  process: GuestProcess;
  session: Session;
  stdin: Stdin;
}

/** A snippet that is under way. */
interface Turn {
  snippet: SnippetCall;
  /** Its program runs. */
  begun: boolean;
  /** Its process is to end because of it. */
  sentenced: boolean;
  /** It was sent to a process that had come to its end before it began, and then to a fresh one. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Of a process that ended by itself. */
const noSignal = { signal: null, termination: null };

/** The place of a snippet that no process was there for. */
const NOWHERE: SnippetPlace = { pid: 1, lives: false };

/** A process that the host keeps for snippets, which it sends one after another; a dead one is replaced. */
export class Runner implements SnippetRunner {
  readonly #table: ProcessTable;
  readonly #connection: HostConnection;
  readonly #message: RunnerMessage;
  /** For what is written while no snippet is under way. */
  readonly #late: Output;
  #resident: Resident | null = null;
  #turn: Turn | null = null;
  #closed = false;

  constructor(table: ProcessTable, connection: HostConnection, message: RunnerMessage) {
    const { stdout, stderr } = message.streams;
    this.#table = table;
    this.#connection = connection;
    this.#message = message;
    const streams = [connection.openOutgoing(stdout), connection.openOutgoing(stderr)] as const;
    this.#late = new Output(...streams, () => this.resume());
  }

  resume(): void {
    this.#resident?.session.resume();
  }

  evaluate(snippet: SnippetCall): void {
    const turn: Turn = { snippet, begun: false, sentenced: false, again: false, timer: undefined };
    this.#turn = turn;
    const { timeout } = snippet.message;
    if (timeout !== null)
      turn.timer = setTimeout(() => this.end(timedOut(timeout)), Math.min(timeout, LONGEST_TIMER));
    this.#send(turn);
  }

  async #send(turn: Turn): Promise<void> {
    const { snippet } = turn;
    const resident = this.#resident ?? (await this.#start());
    if (this.#turn !== turn) return;
    if (typeof resident === "number") {
      snippet.output.write(2, Buffer.from(cannotRunText(resident)));
      this.#finish(turn, { ...noSignal, exitCode: CANNOT_RUN, value: null }, NOWHERE);
      return;
    }
    const { process } = resident;
    process.evaluate(snippet.code, snippet.filePath);
    if (!turn.again) this.#connection.send({ type: "started", call: snippet.message.call, pid: process.pid });
  }

  async #start(): Promise<Resident | number> {
    const { env, cwd, memory, dialect = null } = this.#message;
    const stdin = new Stdin(this.#table.disk);
    stdin.incoming.end();
    const reading = await stdin.reading;
    if (reading < 0) return reading;
    const session = new Session(this.#late, ({ termination }) =>
      this.#stuck(termination?.reason ?? "killed"),
    );
    const client: ProcessClient = {
      ended: (end) => this.#ended(resident as Resident, end),
      snippetBegun: () => this.#begun(session),
      snippetEnded: (exitCode, value) => this.#evaluated(session, exitCode, value),
    };
    const entry = { kind: "resident", dialect } as const;
    const program: Program = { args: [], execArgv: [], entry, needs: noNeeds };
    const start = { program, file: NODE_PATH, env, cwd };
    const files = [reading, STDOUT_PIPE, STDERR_PIPE];
    const process = this.#closed ? -ESRCH : this.#table.start(start, memory, session, client, files);
    if (typeof process === "number") {
      await stdin.close();
      return process;
    }
    stdin.give();
    const resident: Resident = { process, session, stdin };
    this.#resident = resident;
    return resident;
  }

  /** False while late output, which comes before the snippet's, is not with the host. */
  #begun(session: Session): boolean {
    const turn = this.#turn;
    if (turn === null || turn.begun || session !== this.#resident?.session) return true;
    this.#late.flush();
    if (this.#late.full) return false;
    turn.begun = true;
    this.#direct(session, turn.snippet.output);
    return true;
  }

  #evaluated(session: Session, exitCode: number, value: Uint8Array | null): void {
    const turn = this.#turn;
    if (turn === null || !turn.begun || session !== this.#resident?.session) return;
    this.#direct(session, this.#late);
    const { pid, ending } = this.#resident.process;
    const end = { ...noSignal, exitCode, value: exitCode === 0 ? value : null };
    this.#finish(turn, end, { pid, lives: !ending });
  }

  /** What is written goes to another place from now on. */
  #direct(session: Session, output: Output): void {
    session.output.flush();
    session.output = output;
  }

  /** The process is gone, whoever has ended it. */
  async #ended({ process, session, stdin }: Resident, end: ProcessEnd): Promise<void> {
    const turn = this.#turn;
    this.#resident = null;
    await session.end();
    await stdin.close();
    session.output.flush();
    if (this.#closed) await this.#late.end();
    if (turn === null || turn !== this.#turn) return;
    if (turn.begun || turn.sentenced || turn.again || this.#closed) {
      this.#finish(turn, end, { pid: process.pid, lives: false });
      return;
    }
    // What ended the process was there before the snippet, which has not been run.
    turn.again = true;
    await this.#send(turn);
  }

  #finish(turn: Turn, end: ProcessEnd, place: SnippetPlace): void {
    clearTimeout(turn.timer);
    this.#turn = null;
    turn.snippet.finish(end, place);
  }

  #stuck(reason: TerminationReason): void {
    const call = this.#turn?.snippet.message.call;
    if (call !== undefined) this.#connection.send({ type: "stuck", call, reason });
  }

  end(sentence: Sentence): void {
    const turn = this.#turn;
    if (turn !== null) turn.sentenced = true;
    if (this.#resident !== null) this.#resident.process.end(sentence);
    else if (turn !== null) this.#finish(turn, { ...sentence, value: null }, NOWHERE);
  }

  /** Ends it for good, with what is under way. */
  close(): void {
    this.#closed = true;
    if (this.#resident === null) this.#late.end();
    this.end(signalled(SIGKILL, "killed"));
  }
}
