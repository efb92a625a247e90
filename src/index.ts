export type { MountBackend, MountEntry } from "./broker/mounts/index.js";
export { ArchiveError, type ArchiveProblem } from "./errors/archive-error.js";
export { CompilerUnavailableError } from "./errors/compiler-unavailable-error.js";
export { DiskLostError } from "./errors/disk-lost-error.js";
export { DisposedError } from "./errors/disposed-error.js";
export { FileSystemError } from "./errors/file-system-error.js";
export { GuestServerError, type GuestServerFailure } from "./errors/guest-server-error.js";
export { InvalidOptionError } from "./errors/invalid-option-error.js";
export { JailUnavailableError } from "./errors/jail-unavailable-error.js";
export { MachineExitedError, type MachineExitReason } from "./errors/machine-exited-error.js";
export { NodeUnavailableError } from "./errors/node-unavailable-error.js";
export { NpmError } from "./errors/npm-error.js";
export { PersistError, type PersistProblem } from "./errors/persist-error.js";
export { ProtocolError } from "./errors/protocol-error.js";
export { SecureExecError } from "./errors/secure-exec-error.js";
export { SnapshotError, type SnapshotProblem } from "./errors/snapshot-error.js";
export { StdinClosedError } from "./errors/stdin-closed-error.js";
export { ValueRefusedError } from "./errors/value-refused-error.js";
export type { BootTiming, Isolation } from "./machine/index.js";
export type { AuditEvent } from "./policy/audit.js";
export type {
  ChildProcessOperation,
  EnvOperation,
  FsOperation,
  NetworkOperation,
  PermissionScope,
  ProcessOperation,
  ToolOperation,
} from "./policy/operations.js";
export type {
  ChildProcessRule,
  EnvRule,
  FsRule,
  NetworkRule,
  PermissionMode,
  Permissions,
  ProcessRule,
  RuleSet,
  ScopePermission,
  ToolRule,
} from "./policy/permissions.js";
export type { Dirent, Stats } from "./runtime/file-info.js";
export type {
  MkdirOptions,
  ReaddirOptions,
  ReadFileOptions,
  RmOptions,
  WriteFileOptions,
} from "./runtime/file-system.js";
export type { GuestProcess } from "./runtime/guest-process.js";
export { NodeRuntime } from "./runtime/node-runtime.js";
export type { Npm, NpmInstallResult, NpmProgress } from "./runtime/npm/npm.js";
export { registryOnly } from "./runtime/npm/registry-only.js";
export type { CallOptions, Command, OutputCallback, ProgramOptions } from "./runtime/options/call-options.js";
export type { CreateOptions } from "./runtime/options/create-options.js";
export type { Limits } from "./runtime/options/limits.js";
export type { MountOptions, NodeModulesOptions } from "./runtime/options/mounts.js";
export type { NpmOptions } from "./runtime/options/npm.js";
export type { InstallOptions } from "./runtime/options/npm-install.js";
export type {
  LateOutputCallback,
  ResidentOptions,
  SnippetOptions,
} from "./runtime/options/resident-options.js";
export type { Secret } from "./runtime/options/secrets.js";
export type { SystemOptions } from "./runtime/options/system.js";
export type { TerminalOptions } from "./runtime/options/terminal-options.js";
export { ResidentRunner } from "./runtime/resident/resident-runner.js";
export type { ExecResult, ProcessEnd, ResidentResult, RunResult, Termination } from "./runtime/result.js";
export type { ReviveEvent } from "./runtime/revival.js";
export { ExposedPort, type ExposeOptions } from "./runtime/servers/expose.js";
export type { FetchOptions, FetchResult } from "./runtime/servers/fetch.js";
export type { FetchHandler } from "./runtime/servers/fetch-handler.js";
export type { Listener, ListenerQuery, WaitOptions } from "./runtime/servers/listeners.js";
export type { DiffEntry, DiffOptions, DiskDiff } from "./runtime/snapshot/diff.js";
export { Snapshot } from "./runtime/snapshot/snapshot.js";
export type { Terminal } from "./runtime/terminal.js";
export type { Language } from "./wire/messages.js";
