import { stage0Command } from "../jail/stage0/command.js";
import type { MachineImage } from "./image.js";
import type { JailMode } from "./types.js";

/** How a machine is started. */
export interface MachineCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** What a machine has to know before it says that it is ready. */
export interface KernelConfig {
  /** Whether it has to lock itself. */
  jail: boolean;
  disk: {
    bytes: number;
    inodes: number;
    /** The descriptor of the disk to adopt; null to make one. */
    adopt: number | null;
    /** The size of the disk to adopt, in bytes; 0 when there is none. */
    size: number;
    /** Of a disk in a file of the host's. */
    file?: DiskFile | undefined;
  };
  /** Whether to keep a guest worker warm after the first, which every machine boots with. */
  spare: boolean;
}

/** How a disk lies in a file. */
export interface DiskFile {
  /** Where it begins. */
  offset: number;
  /** The place of a word that is not 0 once a machine has made the disk. */
  madeAt: number;
}

/** Where a machine finds a disk that it is given, behind its standard streams and the wire. */
export const DISK_FD = 4;

/** V8 flags are left alone: they would cost the code cache of Node's own library. */
const NODE_FLAGS = ["--no-warnings", "--disable-sigusr1", "--no-addons"];

/** The command of a machine: nothing of the host's environment is in it. */
export function machineCommand(image: MachineImage, jail: JailMode, config: KernelConfig): MachineCommand {
  const args = [...NODE_FLAGS, image.kernel, JSON.stringify(config)];
  const env = { TZ: "UTC", LANG: "C", OPENSSL_CONF: image.opensslConfig };
  if (jail === "unsafe-none") return { command: image.node, args, env };
  const { node, stage0, stage0Script, read } = image;
  const keep = config.disk.adopt === null ? DISK_FD : DISK_FD + 1;
  return { ...stage0Command({ stage0, stage0Script, node, args, read, landlock: true, keep }), env };
}
