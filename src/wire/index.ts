export { ByteCollector } from "./byte-collector.js";
export { Connection, type ConnectionHandlers } from "./connection.js";
export { copyOf, type IncomingHandlers } from "./incoming-stream.js";
export { encodeEntry, MAX_INVENTORY_BYTES, MAX_PATH_BYTES } from "./inventory.js";
export { DOWNLOAD_WINDOW_BYTES, MAX_CONTROL_BYTES, WINDOW_BYTES } from "./limits.js";
export type * from "./messages.js";
export { BlockReader, type MountBlock, type MountName } from "./mount-blocks.js";
export type { OutgoingStream } from "./outgoing-stream.js";
export { questionKinds } from "./questions.js";
