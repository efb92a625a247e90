export { BackendSource, type MountBackend, type MountEntry } from "./backend.js";
export { HostDirectory } from "./host-directory/host-directory.js";
export { type MachineWire, type Mount, type MountPlan, MountService } from "./service.js";
export type { MountSource } from "./source.js";
