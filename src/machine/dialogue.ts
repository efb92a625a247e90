import type { Socket } from "node:net";
import type { EgressSession, EgressWire } from "../broker/egress/index.js";
import { type MachineWire, type MountPlan, MountService } from "../broker/mounts/index.js";
import type { AuditEvent } from "../policy/audit.js";
import { Connection } from "../wire/connection.js";
import type { IncomingHandlers } from "../wire/incoming-stream.js";
import type {
  ConfigureMessage,
  FsOperation,
  HostMessage,
  ListenerDescription,
  MachineMessage,
  ReadyMessage,
} from "../wire/messages.js";
import { parseMachineMessage } from "../wire/validation.js";
import { AuditIntake } from "./audit-intake.js";
import type { FsFlow, FsResult } from "./fs-call.js";
import { FsCalls } from "./fs-calls.js";
import { SILENCE_SECONDS } from "./fs-deadline.js";
import { GuestCall } from "./guest-call.js";
import type { GuestSocket } from "./guest-socket.js";
import { Inbound } from "./inbound.js";
import { machineError } from "./machine-error.js";
import type {
  CallHandlers,
  MachineCall,
  MachineConfiguration,
  MachineExit,
  MachineRunner,
  RunnerHandlers,
  RunnerRequest,
  StartRequest,
} from "./types.js";

/** What a dialogue tells its machine. */
export interface DialogueEvents {
  /** The machine said what it must not; nothing is read from it any more. */
  breach(reason: string): void;
  /** The machine has not answered for too long. */
  unresponsive(): void;
  /** Something is in flight, or nothing is any more. */
  busy(busy: boolean): void;
  /** The machine has nothing more to say. */
  closed(): void;
}

/** Someone who waits for one answer. */
interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Spare workers that a machine may report before a call has asked for any. */
const FIRST_SPARES = 4;
/** Spare workers that a call may lead to. */
const SPARES_PER_CALL = 2;

/** What is said between host and machine, and whether a machine may say it now. */
export class Dialogue {
  /** The first message. Never settles when there is none. */
  readonly ready: Promise<ReadyMessage>;
  readonly #connection: Connection<HostMessage, MachineMessage>;
  readonly #events: DialogueEvents;
  readonly #calls = new Map<number, GuestCall>();
  readonly #fsCalls: FsCalls;
  readonly #pings = new Map<number, Waiter>();
  readonly #inbound: Inbound;
  #configuring: Waiter | null = null;
  #audit: AuditIntake | null = null;
  #mounts: MountService | null = null;
  #egress: EgressSession | null = null;
  #onReady: ((message: ReadyMessage) => void) | null = null;
  #lastCall = 0;
  #lastStream = 0;
  #spares = FIRST_SPARES;
  /** Runners that are to end and have not. */
  #closing = 0;
  #busy = false;
  #exit: MachineExit | null = null;

  constructor(wire: Socket, events: DialogueEvents) {
    this.#events = events;
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    this.#connection = new Connection(wire, {
      parse: parseMachineMessage,
      control: (message) => {
        const breach = this.#hear(message);
        if (breach !== null) this.#connection.breach(breach);
        this.#noteBusy();
      },
      protocolError: (reason) => events.breach(reason),
      closed: () => events.closed(),
    });
    this.#fsCalls = new FsCalls(this.#connection, () => events.unresponsive());
    this.#inbound = new Inbound(this.#connection, {
      call: () => ++this.#lastCall,
      stream: () => ++this.#lastStream,
    });
  }

  /** Resolves when the machine has taken its configuration. */
  configure(
    { mounts: plan, egress, ...message }: Omit<MachineConfiguration, "onAudit" | "watch">,
    onAudit?: (event: AuditEvent) => void,
  ): Promise<void> {
    return this.#ask((waiter) => {
      this.#egress = egress?.open(this.#egressWire()) ?? null;
      const audit = onAudit !== undefined;
      this.#audit = audit ? new AuditIntake(onAudit) : null;
      this.#connection.send({ type: "configure", ...message, ...this.#mount(plan, onAudit), audit });
      this.#configuring = waiter;
    });
  }

  /** What the machine is told of its mounts. */
  #mount(
    plan: MountPlan | undefined,
    onAudit?: (event: AuditEvent) => void,
  ): Pick<ConfigureMessage, "mounts" | "links"> {
    if (plan === undefined) return {};
    const wire: MachineWire = {
      send: (message) => this.#connection.send(message),
      open: () => {
        const id = ++this.#lastStream;
        return { id, stream: this.#connection.openOutgoing(id) };
      },
    };
    this.#mounts = new MountService(plan.mounts, wire, onAudit);
    const mounts = plan.mounts.map(({ id, path, sealed }) => ({ id, path, sealed }));
    return { mounts, links: [...plan.links] };
  }

  #egressWire(): EgressWire {
    const connection = this.#connection;
    return {
      send: (message) => connection.send(message),
      isFull: () => connection.full,
      nextStream: () => ++this.#lastStream,
      openOutgoing: (id, window) => connection.openOutgoing(id, window),
      onIncoming: (id, handlers) => connection.onIncoming(id, handlers),
    };
  }

  /** Resolves when the machine's main thread answers. */
  ping(): Promise<void> {
    return this.#ask((waiter) => {
      const call = ++this.#lastCall;
      this.#connection.send({ type: "ping", call });
      this.#pings.set(call, waiter);
    });
  }

  start(request: StartRequest, handlers: CallHandlers): MachineCall {
    const streams = {
      code: ++this.#lastStream,
      stdin: ++this.#lastStream,
      stdout: ++this.#lastStream,
      stderr: ++this.#lastStream,
      value: ++this.#lastStream,
    };
    const call = new GuestCall(this.#connection, ++this.#lastCall, streams, request, handlers);
    const exit = this.#exit;
    if (exit !== null) {
      queueMicrotask(() => call.lost(exit));
      return call;
    }
    this.#calls.set(call.id, call);
    this.#spares += SPARES_PER_CALL;
    this.#noteBusy();
    return call;
  }

  /** Connects to a server in the machine; a string is the name of the error why there is no connection. */
  connect(port: number): Promise<GuestSocket | string> {
    return this.#inside(() => this.#inbound.connect(port));
  }

  /** Who listens in the machine. */
  listeners(): Promise<ListenerDescription[]> {
    const call = ++this.#lastCall;
    const { deadline } = this.#fsCalls;
    deadline.begin(call, SILENCE_SECONDS);
    return this.#inside(() => this.#inbound.list(call)).finally(() => deadline.end(call));
  }

  #inside<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#exit !== null) return Promise.reject(machineError(this.#exit));
    const answer = ask();
    this.#noteBusy();
    return answer;
  }

  /** Opens a runner, which snippets name by its id. */
  openRunner(request: RunnerRequest, { stdout, stderr }: RunnerHandlers): MachineRunner {
    const runner = ++this.#lastCall;
    const streams = { stdout: ++this.#lastStream, stderr: ++this.#lastStream };
    this.#connection.send({ type: "runner", runner, ...request, streams });
    const ends = [this.#untilEnd(streams.stdout, stdout), this.#untilEnd(streams.stderr, stderr)];
    const closed = Promise.all(ends).then(() => this.#close(-1));
    const close = (): void => {
      if (this.#exit !== null) return;
      this.#connection.send({ type: "runnerEnd", runner });
      this.#close(1);
    };
    return { id: runner, close, closed };
  }

  /** Whoever waits for a runner's end keeps the loop alive. */
  #close(change: number): void {
    this.#closing += change;
    this.#noteBusy();
  }

  #untilEnd(stream: number, data: IncomingHandlers["data"]): Promise<void> {
    return new Promise((end) => this.#connection.onIncoming(stream, { data, end }));
  }

  /** Rejects with FileSystemError when the operation fails. */
  fs(operation: FsOperation, data?: Uint8Array, flow: FsFlow = {}): Promise<FsResult> {
    const ids = { call: ++this.#lastCall, stream: ++this.#lastStream };
    return this.#inside(() => this.#fsCalls.begin(ids, operation, data, flow));
  }

  /** The machine has ended: so does all that is in flight. */
  end(exit: MachineExit): void {
    this.#exit = exit;
    this.#connection.close();
    this.#egress?.close();
    const calls = [...this.#calls.values()];
    const rest = this.#fsCalls.end();
    const waiters = [...this.#pings.values()];
    if (this.#configuring !== null) waiters.push(this.#configuring);
    this.#calls.clear();
    this.#mounts?.close();
    this.#inbound.end(exit);
    this.#pings.clear();
    this.#closing = 0;
    this.#configuring = null;
    this.#noteBusy();
    for (const fail of rest) fail(machineError(exit));
    for (const waiter of waiters) waiter.reject(machineError(exit));
    for (const call of calls) call.lost(exit);
  }

  #ask(send: (waiter: Waiter) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#exit !== null) {
        reject(machineError(this.#exit));
        return;
      }
      send({ resolve, reject });
      this.#noteBusy();
    });
  }

  /** A string says what is wrong with the message at this point. */
  #hear(message: MachineMessage): string | null {
    if (message.type === "ready") {
      if (this.#onReady === null) return "ready twice";
      this.#onReady(message);
      this.#onReady = null;
      return null;
    }
    if (this.#onReady !== null) return `${message.type} before ready`;
    switch (message.type) {
      case "configured":
        return this.#answer(this.#configuring, () => {
          this.#configuring = null;
        });
      case "pong":
        return this.#answer(this.#pings.get(message.call), () => this.#pings.delete(message.call));
      case "spare":
        return this.#spares-- > 0 ? null : "more spare workers than there can be";
      case "audit":
        return this.#audit === null ? "an audit report that nobody asked for" : this.#audit.take(message);
      case "mount":
        return this.#mounts === null ? "a request for a mount that there isn't" : this.#mounts.take(message);
      case "connectedIn":
      case "closedIn":
      case "listeners":
        return this.#inbound.hear(message);
      case "fsResult":
        return this.#fsCalls.finished(message);
      case "connect":
      case "associate":
      case "hangUp":
      case "resolve":
        return this.#egress === null
          ? "a request for the network, of which there is none"
          : this.#egress.handle(message);
      default:
        return this.#hearOfCall(message);
    }
  }

  #hearOfCall(message: Extract<MachineMessage, { type: "started" | "exit" | "stuck" }>): string | null {
    const call = this.#calls.get(message.call);
    if (call === undefined) return `${message.type} of call ${message.call}, which is not under way`;
    if (message.type === "started") return call.started(message.pid);
    if (message.type === "stuck") return call.stuck(message.reason);
    const breach = call.check(message);
    if (breach !== null) return breach;
    this.#calls.delete(message.call);
    call.exited(message);
    return null;
  }

  #answer(waiter: Waiter | null | undefined, forget: () => void): string | null {
    if (waiter == null) return "an answer that nobody asked for";
    forget();
    waiter.resolve();
    return null;
  }

  #noteBusy(): void {
    const inFlight =
      this.#calls.size + this.#fsCalls.size + this.#pings.size + this.#closing + this.#inbound.size;
    const busy = inFlight > 0 || this.#configuring !== null;
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#events.busy(busy);
  }
}
