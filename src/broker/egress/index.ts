export { canonicalAddress, specialKind } from "./address.js";
export type { Connector, DatagramConnector } from "./connector.js";
export { Egress, type EgressOptions } from "./egress.js";
export type { NameResolver } from "./resolver.js";
export type { EgressSession, EgressWire } from "./session.js";
