export type { FsResult } from "./fs-call.js";
export { acquireMachine } from "./spares.js";
export type * from "./types.js";
