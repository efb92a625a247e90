import type { CompiledPermissions } from "../../policy/compiled.js";
import type { PermissionScope } from "../../policy/operations.js";
import type { PermissionMode } from "../../policy/permissions.js";
import type { DiskCheck } from "./files.js";
import type { MountDescription, MountLink } from "./mounts.js";

/** Ceilings of a machine, in force for all of its calls. */
export interface MachineLimits {
  /** Soft memory limit of a guest process, in bytes. */
  memory: number;
  /** Guest processes at a time. */
  processes: number;
  /** Threads of all guest processes together. */
  threads: number;
  /** Open files of a guest process. */
  openFiles: number;
}

/** What guest programs are told about the computer. What is missing is up to the guest. */
export interface SystemFacts {
  cpus?: number | undefined;
  cpuModel?: string | undefined;
  /** In MHz. */
  cpuSpeed?: number | undefined;
  /** In bytes. */
  totalMemory?: number | undefined;
  release?: string | undefined;
  version?: string | undefined;
}

/** Sent once, after the host has verified the jail. */
export interface ConfigureMessage {
  type: "configure";
  hostname: string;
  system?: SystemFacts | undefined;
  env: Record<string, string>;
  limits: MachineLimits;
  /** Default: `defaultPermissions`. */
  permissions?: CompiledPermissions | undefined;
  mounts?: MountDescription[] | undefined;
  links?: MountLink[] | undefined;
  /** Whether the host wants to hear of refusals. */
  audit?: boolean | undefined;
  /** Ports of the host's loopback that the machine may reach. */
  loopbackPorts?: readonly number[] | undefined;
  /** An authority that programs trust beside the usual ones, as PEM. */
  certificate?: string | undefined;
}

/** The first message of a machine: it is locked and has not seen guest code. */
export interface ReadyMessage {
  type: "ready";
  /** Its `process.version`. */
  node: string;
  /** Landlock's ABI in force, 0 for none. */
  landlock: number;
  /** The memfd of the disk in the machine, null where a memfd can't be had. */
  disk: { fd: number; size: number } | null;
  /** Only when the machine adopted a disk. */
  check?: DiskCheck | undefined;
}

/** Answers `configure`. */
export interface ConfiguredMessage {
  type: "configured";
}

/** A guest worker stands ready for the next call. */
export interface SpareMessage {
  type: "spare";
}

/** Something was refused in the machine. */
export interface AuditMessage {
  type: "audit";
  scope: PermissionScope;
  operation: string;
  resource: string;
  decision: PermissionMode;
  /** The number of the rule. */
  rule: number | null;
  /** Reports that were left out before this one. */
  suppressed: number;
}

/** Asks for a sign of life. */
export interface PingMessage {
  type: "ping";
  call: number;
}

/** Answers `ping`. */
export interface PongMessage {
  type: "pong";
  call: number;
}
