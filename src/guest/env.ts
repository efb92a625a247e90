import type { Credentials, Disk } from "../disk/disk.js";
import type { ProcessOperation } from "../policy/operations.js";
import type { GuestChannel } from "../syscall/channel.js";
import type { FdTable } from "../syscall/process-page.js";
import type { GuestTerminal } from "./terminal.js";
import type { UnmanagedFiles } from "./worker/unmanaged-files.js";

/** What the replaced bindings of one guest thread stand on. */
export interface GuestEnv {
  /** This thread's face of the shared disk. */
  readonly disk: Disk;
  /** Identity, umask and working directory; the disk reads it at every call. */
  readonly cred: Credentials;
  /** The process's descriptors. */
  readonly fds: FdTable;
  readonly unmanaged: UnmanagedFiles;
  /** System calls to the machine's kernel. */
  readonly channel: GuestChannel;
  /** The terminal of the process's session, where it has one. */
  readonly terminal: GuestTerminal;
  /** The working directory, absolute, as the guest sees it; a negative errno when it is gone. */
  cwd(): string | number;
  /** Whether the process may do something to itself; a refusal is reported. */
  permits(operation: ProcessOperation, resource: string): boolean;
  /** Changes the working directory; 0 or a negative errno. */
  setCwd(path: string): number;
}
