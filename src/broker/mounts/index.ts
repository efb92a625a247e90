export { HostDirectory } from "./host-directory/host-directory.js";
export { type MachineWire, type Mount, type MountPlan, MountService } from "./service.js";
