export type { Feed } from "./feed.js";
export type { FsFlow, FsResult } from "./fs-call.js";
export { openPersistedDisk, type PersistedDisk } from "./persisted-disk.js";
export { acquireMachine } from "./spares.js";
export type * from "./types.js";
