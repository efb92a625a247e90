import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import type { Endpoint } from "./judge.js";

/** Makes connections to addresses that were judged. */
export type Connector = (remote: Endpoint) => Socket;

/** Connects from this computer. Nothing of it keeps the event loop alive: the calls of a runtime do. */
export const systemConnector: Connector = ({ address, port }) =>
  connect({ host: address, port, allowHalfOpen: true, noDelay: true }).unref();

/** Makes sockets that send datagrams to an address that was judged, and hear it alone. */
export type DatagramConnector = (remote: Endpoint) => DatagramSocket;

export const systemDatagramConnector: DatagramConnector = ({ address, port }) => {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4").unref();
  socket.connect(port, address);
  return socket;
};
