export { ByteCollector } from "./byte-collector.js";
export { Connection, type ConnectionHandlers } from "./connection.js";
export type { IncomingHandlers } from "./incoming-stream.js";
export { HEADER_BYTES, MAX_CONTROL_BYTES, MAX_DATA_BYTES, WINDOW_BYTES } from "./limits.js";
export type * from "./messages.js";
export type { OutgoingStream } from "./outgoing-stream.js";
