/** Connects the host to a server of the machine. Bytes flow to it on `sent`, and back on `received`. */
export interface ConnectInMessage {
  type: "connectIn";
  call: number;
  port: number;
  streams: { sent: number; received: number };
}

/** The host gives up a connection to a server. */
export interface CloseInMessage {
  type: "closeIn";
  call: number;
}

/** Whether there is a connection to a server; the name of an error if there is none. */
export interface ConnectedInMessage {
  type: "connectedIn";
  call: number;
  error: string | null;
}

/** Nothing more comes of a connection: its stream has ended. The name of an error if that was no orderly end. */
export interface ClosedInMessage {
  type: "closedIn";
  call: number;
  error: string | null;
}

/** Asks who listens. */
export interface ListMessage {
  type: "list";
  call: number;
}

/** A server of the machine. */
export interface ListenerDescription {
  address: string;
  port: number;
  pid: number;
}

/** Answers `list`: those who listen, at most 4096. */
export interface ListenersMessage {
  type: "listeners";
  call: number;
  listeners: ListenerDescription[];
}
