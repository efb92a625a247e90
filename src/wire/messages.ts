/**
 * The control messages between host and machine.
 *
 * Types only: the machine's kernel trusts its host, and the host validates what a machine says with
 * `validation.ts`. All ids are positive integers below 2^32 that the host allots and never reuses.
 */

import type {
  ExitMessage,
  KillMessage,
  ResizeMessage,
  RunnerEndMessage,
  RunnerMessage,
  StartedMessage,
  StartMessage,
  StuckMessage,
} from "./messages/calls.js";
import type { EgressAnswer, EgressRequest } from "./messages/egress.js";
import type { FsMessage, FsResultMessage } from "./messages/files.js";
import type {
  AuditMessage,
  ConfiguredMessage,
  ConfigureMessage,
  PingMessage,
  PongMessage,
  ReadyMessage,
  SpareMessage,
} from "./messages/machine.js";
import type { ChangedMessage, MountedMessage, MountMessage } from "./messages/mounts.js";
import type {
  ClosedInMessage,
  CloseInMessage,
  ConnectedInMessage,
  ConnectInMessage,
  ListenersMessage,
  ListMessage,
} from "./messages/servers.js";

export type * from "./messages/calls.js";
export type * from "./messages/egress.js";
export type * from "./messages/files.js";
export type * from "./messages/machine.js";
export type * from "./messages/mounts.js";
export type * from "./messages/servers.js";

/** All that a host says. */
export type HostMessage =
  | ConfigureMessage
  | StartMessage
  | RunnerMessage
  | RunnerEndMessage
  | KillMessage
  | ResizeMessage
  | FsMessage
  | PingMessage
  | MountedMessage
  | ChangedMessage
  | EgressAnswer
  | ConnectInMessage
  | CloseInMessage
  | ListMessage;

/** All that a machine says. */
export type MachineMessage =
  | EgressRequest
  | ReadyMessage
  | ConfiguredMessage
  | SpareMessage
  | StartedMessage
  | ExitMessage
  | StuckMessage
  | FsResultMessage
  | AuditMessage
  | MountMessage
  | PongMessage
  | ConnectedInMessage
  | ClosedInMessage
  | ListenersMessage;
