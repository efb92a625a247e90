/**
 * What can be mounted beside directories of this computer: memory, archives, object stores.
 *
 * @module
 */
export type { MountBackend, MountEntry } from "../broker/mounts/backend.js";
export { type ArchiveMountOptions, archiveMount } from "./archive/archive.js";
export { type MemoryMount, memoryMount } from "./memory.js";
export { type ObjectStoreOptions, objectStoreMount } from "./object-store/object-store.js";
