import type { Identity } from "./kernel-port.js";

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
  /** Soft limit of memory in bytes. */
  memoryLimit: number;
  /** When the machine booted, ms since 1970. */
  bootTime: number;
}

export function createProcessState(): ProcessState {
  return {
    pid: 0,
    threadId: 0,
    ppid: 0,
    hostname: "secure-exec",
    memoryLimit: 256 * 2 ** 20,
    bootTime: Date.now(),
  };
}

/** Takes over what a start message says. */
export function adoptProcessState(state: ProcessState, message: Identity): void {
  state.pid = message.pid;
  state.ppid = message.ppid;
  state.hostname = message.hostname;
  state.memoryLimit = message.memory.limit;
  state.bootTime = message.bootTime;
}
