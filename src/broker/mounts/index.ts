export { BackendSource, type MountBackend, type MountEntry } from "./backend.js";
export { HostDirectory } from "./host-directory/host-directory.js";
export { type MachineWire, type Mount, type MountPlan, MountService } from "./service.js";
export {
  fileOfBytes,
  type MountSource,
  type SourceEntry,
  SourceFailure,
  type SourceFile,
  type SourceReader,
} from "./source.js";
