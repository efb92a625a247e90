import type { Identity, SystemFacts } from "./kernel-port.js";

/**
 * What differs from one guest process to the next. A spare thread is booted before it is known, so the
 * replaced bindings read it at each call.
 */
export interface ProcessState {
  pid: number;
  /** 0 in the process's main thread. */
  threadId: number;
  ppid: number;
  hostname: string;
  system: SystemFacts;
  /** Soft limit of memory in bytes. */
  memoryLimit: number;
  /** When the machine booted, ms since 1970. */
  bootTime: number;
  /** When the process began, likewise. */
  startTime: number;
  execArgv: readonly string[];
  args: readonly string[];
  /** As the process began with it. */
  environment: Readonly<Record<string, string>>;
}

const system: SystemFacts = {
  cpus: 2,
  cpuModel: "Virtual CPU",
  cpuSpeed: 2000,
  totalMemory: 2 ** 30,
  release: "6.1.0",
  version: "#1 SMP",
};

export function createProcessState(): ProcessState {
  return {
    pid: 0,
    threadId: 0,
    ppid: 0,
    hostname: "secure-exec",
    system,
    memoryLimit: 256 * 2 ** 20,
    bootTime: Date.now(),
    startTime: Date.now(),
    execArgv: [],
    args: [],
    environment: {},
  };
}

/** Takes over what a start message says. */
export function adoptProcessState(state: ProcessState, message: Identity): void {
  state.pid = message.pid;
  state.ppid = message.ppid;
  state.hostname = message.hostname;
  state.system = { ...system, ...message.system };
  state.memoryLimit = message.memory.limit;
  state.bootTime = message.bootTime;
  state.startTime = message.startTime;
  state.execArgv = message.execArgv;
  state.args = message.args;
  state.environment = message.env;
}
