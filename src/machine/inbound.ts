import type { Connection } from "../wire/connection.js";
import type {
  ClosedInMessage,
  ConnectedInMessage,
  HostMessage,
  ListenerDescription,
  ListenersMessage,
  MachineMessage,
} from "../wire/messages.js";
import { GuestSocket } from "./guest-socket.js";
import { machineError } from "./machine-error.js";
import type { MachineExit } from "./types.js";

/** A connection to a server in the machine, from its asking to the end of what comes of it. */
interface Opened {
  readonly socket: GuestSocket;
  readonly received: number;
  /** Null once it is answered. */
  answer: Waiter<GuestSocket | string> | null;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type InboundMessage = ConnectedInMessage | ClosedInMessage | ListenersMessage;

/** The numbers of a machine's calls and streams. */
export interface Numbers {
  call(): number;
  stream(): number;
}

/** The host's connections to servers in a machine. */
export class Inbound {
  readonly #connection: Connection<HostMessage, MachineMessage>;
  readonly #numbers: Numbers;
  readonly #opened = new Map<number, Opened>();
  readonly #lists = new Map<number, Waiter<ListenerDescription[]>>();

  constructor(connection: Connection<HostMessage, MachineMessage>, numbers: Numbers) {
    this.#connection = connection;
    this.#numbers = numbers;
  }

  /** What is under way. */
  get size(): number {
    return this.#opened.size + this.#lists.size;
  }

  /** Resolves with a connection to a port, or the name of the error why there is none. */
  connect(port: number): Promise<GuestSocket | string> {
    const call = this.#numbers.call();
    const streams = { sent: this.#numbers.stream(), received: this.#numbers.stream() };
    this.#connection.send({ type: "connectIn", call, port, streams });
    const socket = new GuestSocket(this.#connection.openOutgoing(streams.sent), () => this.#giveUp(call));
    this.#connection.onIncoming(streams.received, {
      data: (bytes, consumed) => socket.arrived(bytes, consumed),
      end: () => socket.ended(),
    });
    return new Promise((resolve, reject) => {
      this.#opened.set(call, { socket, received: streams.received, answer: { resolve, reject } });
    });
  }

  /** Resolves with who listens. */
  list(call: number): Promise<ListenerDescription[]> {
    this.#connection.send({ type: "list", call });
    return new Promise((resolve, reject) => {
      this.#lists.set(call, { resolve, reject });
    });
  }

  /** What is still to come of it is dropped. */
  #giveUp(call: number): void {
    const opened = this.#opened.get(call);
    if (opened === undefined) return;
    this.#connection.discardIncoming(opened.received);
    this.#connection.send({ type: "closeIn", call });
  }

  /** A string says what is wrong with the message at this point. */
  hear(message: InboundMessage): string | null {
    if (message.type === "listeners") {
      const waiter = this.#lists.get(message.call);
      if (waiter === undefined) return "a list of listeners that nobody asked for";
      this.#lists.delete(message.call);
      waiter.resolve(message.listeners);
      return null;
    }
    const opened = this.#opened.get(message.call);
    if (opened === undefined) return `${message.type} of call ${message.call}, which is not under way`;
    return message.type === "connectedIn" ? this.#connected(message, opened) : this.#closed(message, opened);
  }

  #connected({ call, error }: ConnectedInMessage, opened: Opened): string | null {
    const { answer, socket } = opened;
    if (answer === null) return `call ${call} connected twice`;
    opened.answer = null;
    if (error === null) {
      answer.resolve(socket);
      return null;
    }
    this.#opened.delete(call);
    this.#connection.discardIncoming(opened.received);
    socket.destroy();
    answer.resolve(error);
    return null;
  }

  #closed({ call, error }: ClosedInMessage, { answer, socket, received }: Opened): string | null {
    if (answer !== null) return `call ${call} closed before it was connected`;
    if (this.#connection.expects(received)) return `call ${call} closed before the end of its stream`;
    this.#opened.delete(call);
    if (error !== null)
      socket.destroy(Object.assign(new Error(`read ${error}`), { code: error, syscall: "read" }));
    return null;
  }

  /** The machine has ended. */
  end(exit: MachineExit): void {
    const opened = [...this.#opened.values()];
    const lists = [...this.#lists.values()];
    this.#opened.clear();
    this.#lists.clear();
    for (const { reject } of lists) reject(machineError(exit));
    for (const { answer, socket } of opened) {
      if (answer === null) {
        socket.destroy(machineError(exit));
        continue;
      }
      socket.destroy();
      answer.reject(machineError(exit));
    }
  }
}
