import { connect, type Socket } from "node:net";
import type { Endpoint } from "./judge.js";

/** Makes connections to addresses that were judged. */
export type Connector = (remote: Endpoint) => Socket;

/** Connects from this computer. Nothing of it keeps the event loop alive: the calls of a runtime do. */
export const systemConnector: Connector = ({ address, port }) =>
  connect({ host: address, port, allowHalfOpen: true, noDelay: true }).unref();
