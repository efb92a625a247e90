/** There is a connection that the machine asked for; its streams flow to the host and back. */
export interface ConnectedMessage {
  type: "connected";
  id: number;
  up: number;
  down: number;
}

/** There will be no connection. */
export interface UnreachableMessage {
  type: "unreachable";
  id: number;
  /** As Node names it; EACCES when it was refused. */
  code: string;
  /** What refused it, in words. */
  reason: string | null;
}

/** A connection broke; its stream to the machine ends next. */
export interface LostMessage {
  type: "lost";
  id: number;
  code: string;
}

/** Answers a question about a name. */
export interface ResolvedMessage {
  type: "resolved";
  id: number;
  /** As `node:dns` names it; EACCES when it was refused. */
  error: string | null;
  /** What refused it, in words. */
  reason: string | null;
  /** Addresses of a look-up, names of an address, else records as `node:dns` has them. */
  records: unknown;
}

/** What the host says about what leaves the machine. */
export type EgressAnswer = ConnectedMessage | UnreachableMessage | LostMessage | ResolvedMessage;

/** Asks for a connection. Ids are the machine's own here, each larger than all before. */
export interface ConnectMessage {
  type: "connect";
  id: number;
  /** Numeric. */
  address: string;
  port: number;
}

/**
 * Asks to send datagrams to an address and to receive from it: answered as a connection, whose streams carry
 * datagrams after their lengths. Ids are those of connections.
 */
export interface AssociateMessage {
  type: "associate";
  id: number;
  /** Numeric. */
  address: string;
  port: number;
}

/** Nobody wants a connection any more. */
export interface HangUpMessage {
  type: "hangUp";
  id: number;
}

/** What can be asked: `lookup` for addresses as programs get them, `reverse` for names of one, or records. */
export type QuestionKind =
  | "lookup"
  | "reverse"
  | "A"
  | "AAAA"
  | "ANY"
  | "CAA"
  | "CNAME"
  | "MX"
  | "NAPTR"
  | "NS"
  | "PTR"
  | "SOA"
  | "SRV"
  | "TLSA"
  | "TXT";

/** Asks about a name. Ids are the machine's own here, each larger than all before. */
export interface ResolveMessage {
  type: "resolve";
  id: number;
  kind: QuestionKind;
  name: string;
  /** Of a look-up; 0 for both. */
  family: 0 | 4 | 6;
}

/** What a machine asks for that leaves it. */
export type EgressRequest = ConnectMessage | AssociateMessage | HangUpMessage | ResolveMessage;
