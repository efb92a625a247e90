import type { DiskMemory, DiskSize } from "./types.js";

export function diskMemorySize(_size: DiskSize): number {
  return 0;
}
export function formatDisk(_memory: DiskMemory, _size: DiskSize): void {}
