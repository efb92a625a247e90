import { internalBinding, primordials } from "../internals.js";
import type { ProcessState } from "../process-state.js";

const { Float64Array: Doubles, MathMax } = primordials;
const { threadCpuUsage } = internalBinding("process_methods");
const {
  heapStatisticsBuffer,
  updateHeapStatisticsBuffer,
  kTotalHeapSizeIndex,
  kTotalPhysicalSizeIndex,
  kUsedHeapSizeIndex,
  kExternalMemoryIndex,
} = internalBinding("v8");

/** What a process of Node's has resident beside its heap: mostly its binary. */
const residentBase = 40 * 2 ** 20;
const kibibyte = 1024;

/** What a process uses of the machine, as far as it can be told: the natives count the whole machine. */
export interface ProcessUsage {
  /** rss, heapTotal, heapUsed, external, arrayBuffers */
  memoryUsage(values: Float64Array): void;
  rss(): number;
  memoryLimit(): number;
  availableMemory(): number;
  /** user and system, in µs */
  cpuUsage(values: Float64Array): void;
  /** 16 values in the order of getrusage */
  resourceUsage(values: Float64Array): void;
  /** Counts CPU time from now on. */
  restart(): void;
}

export function createUsage(state: ProcessState): ProcessUsage {
  const origin: Float64Array = new Doubles(2);
  const cpu: Float64Array = new Doubles(2);

  function rss(): number {
    updateHeapStatisticsBuffer();
    return (
      residentBase +
      heapStatisticsBuffer[kTotalPhysicalSizeIndex] +
      heapStatisticsBuffer[kExternalMemoryIndex]
    );
  }

  function cpuUsage(values: Float64Array): void {
    threadCpuUsage(values);
    values[0] = (values[0] as number) - (origin[0] as number);
    values[1] = (values[1] as number) - (origin[1] as number);
  }

  return {
    rss,
    cpuUsage,
    memoryUsage(values) {
      values[0] = rss();
      values[1] = heapStatisticsBuffer[kTotalHeapSizeIndex];
      values[2] = heapStatisticsBuffer[kUsedHeapSizeIndex];
      values[3] = heapStatisticsBuffer[kExternalMemoryIndex];
      values[4] = heapStatisticsBuffer[kExternalMemoryIndex];
    },
    memoryLimit: () => state.memoryLimit,
    availableMemory: () => MathMax(0, state.memoryLimit - (rss() - residentBase)),
    resourceUsage(values) {
      cpuUsage(cpu);
      for (let i = 0; i < values.length; i++) values[i] = 0;
      values[0] = cpu[0] as number;
      values[1] = cpu[1] as number;
      values[2] = rss() / kibibyte;
    },
    restart() {
      threadCpuUsage(origin);
    },
  };
}
