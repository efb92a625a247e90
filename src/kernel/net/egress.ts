/*
 * What leaves the machine, as the kernel asks its host for it. `src/kernel/egress` has the way over the
 * wire; sockets ask here for addresses that are not the machine's.
 */

/** The ends of a connection's two pipes that are not the guest's: open files of the disk. */
export interface OutsideEnds {
  /** To be read: what the guest sends. */
  sent: number;
  /** To be written: what the guest receives. */
  received: number;
}

/** One end of a connection. */
export interface Endpoint {
  address: string;
  port: number;
}

/** Who waits for a connection. Either `failed`, or `connected` and after it `closed`, is called, once. */
export interface OutsideHandlers {
  /**
   * There is a connection: answers the ends, which are the connection's from then on and closed by it.
   * Null says that nobody wants it any more.
   */
  connected(local: Endpoint): OutsideEnds | null;
  /** There will be none: a negative errno. */
  failed(errno: number): void;
  /**
   * Nothing more is received; 0 for an orderly end, else a negative errno (ECONNRESET). Called before the
   * end to write is closed, so that the guest's side knows why its pipe ended.
   */
  closed(errno: number): void;
}

/** The way out. */
export interface Egress {
  /**
   * Whether an address of the machine's own loopback, on whose port nobody listens, may be one of the
   * host's that the machine may reach.
   */
  lendsLoopback(operation: "connect" | "udp", address: string, port: number): boolean;
  /** Asks for a connection to a numeric address. The function that it answers ends it, at any time. */
  connect(remote: Endpoint, handlers: OutsideHandlers): () => void;
  /**
   * Sends a datagram of a socket to a numeric address; `received` is called with each that comes back from
   * there. 0, or a negative errno: what is lost after that nobody is told.
   */
  send(
    socket: number,
    remote: Endpoint,
    datagram: Uint8Array,
    received: (datagram: Uint8Array) => void,
  ): Promise<number>;
  /** A socket that may have sent datagrams is gone. */
  forget(socket: number): void;
}
