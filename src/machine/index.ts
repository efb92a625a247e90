export type { FsResult } from "./fs-call.js";
export { Machine } from "./machine.js";
export { machineError } from "./machine-error.js";
export { acquireMachine } from "./spares.js";
export type * from "./types.js";
