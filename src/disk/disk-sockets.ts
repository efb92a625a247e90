import { changing, locked } from "./calls/section.js";
import type { Session } from "./session.js";
import {
  failSocket,
  isTaken,
  makeQueue,
  makeSocketPair,
  offerSocket,
  putDatagram,
  putNames,
  resetSocket,
  settleSocket,
  socketKind,
  socketStatus,
  splitSocket,
  takeDatagram,
  takeName,
  takeQueued,
} from "./socket.js";

/** Sockets of the disk: see `socket.ts`. Methods answer as those of `Disk` do. */
export class DiskSockets {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Opens both ends of a connection to be; `status` of the first tells what becomes of it. */
  pair(ends: Int32Array, kind: number): number {
    return changing(this.#session, makeSocketPair, ends, kind);
  }

  /** Opens a queue: the socket, and the end that it is filled by. */
  queue(ends: Int32Array, kind: number): number {
    return changing(this.#session, makeQueue, ends, kind);
  }

  /** The kind of a socket, 0 for any other file. */
  kind(file: number): number {
    return locked(this.#session, socketKind, file);
  }

  /** 0 for a connection that stands, -ERESTARTSYS for one that may come, else why there is none. */
  status(file: number): number {
    return locked(this.#session, socketStatus, file);
  }

  /** Tells the other end its status; -ENOTCONN if nobody has it any more. */
  settle(file: number, status: number): number {
    return locked(this.#session, settleSocket, file, status);
  }

  /** The name of this end or of the other one, into the disk's `result`. Answers its length. */
  name(file: number, peer: boolean): number {
    return locked(this.#session, takeName, file, peer);
  }

  /** Names an end and its other one for whoever has this end, or the other one. */
  putNames(file: number, ofOther: boolean, own: Uint8Array, peer: Uint8Array): number {
    return locked(this.#session, putNames, file, ofOther, own, peer);
  }

  /** Has the other end read an error, after what is on its way. */
  fail(file: number, error: number): number {
    return locked(this.#session, failSocket, file, error);
  }

  /** Drops a reference, and has the other end read ECONNRESET. */
  reset(file: number): number {
    return locked(this.#session, resetSocket, file);
  }

  /** Makes an end of a connection two files, one to read and one to write. */
  split(file: number, ends: Int32Array): number {
    return locked(this.#session, splitSocket, file, ends);
  }

  /** 1 while somebody takes from a queue, else 0. */
  isTaken(file: number): number {
    return locked(this.#session, isTaken, file);
  }

  /**
   * Has an end of a connection, whose reference it takes, wait in a queue for whoever reads that, and tells
   * the other end that the connection stands. -ERESTARTSYS while `backlog` wait already, -EPIPE where nobody
   * will take it.
   */
  offer(queue: number, file: number, backlog: number): number {
    return changing(this.#session, offerSocket, queue, file, backlog);
  }

  /** Puts a datagram into a queue, as `putDatagram` has it; -EAGAIN if it was lost for lack of room. */
  put(queue: number, datagram: Uint8Array): number {
    return changing(this.#session, putDatagram, queue, datagram);
  }

  /** Takes a datagram; -ERESTARTSYS while there is none. */
  take(file: number, target: Uint8Array): number {
    return locked(this.#session, takeDatagram, file, target);
  }

  /** Takes from a queue by the end that it is filled by; -EAGAIN when there is nothing. */
  takeBack(file: number, target: Uint8Array): number {
    return locked(this.#session, takeQueued, file, target);
  }
}
