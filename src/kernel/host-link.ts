import { closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { defaultPermissions, guestPermissions } from "../policy/compiled.js";
import { NetworkRules } from "../policy/network.js";
import {
  type ConfigureMessage,
  Connection,
  type ConnectionHandlers,
  type HostMessage,
  type MachineMessage,
  type ResizeMessage,
  type StartMessage,
} from "../wire/index.js";
import type { TarLibrary } from "./archive/library.js";
import { AuditLog } from "./audit-log.js";
import { writeHostname } from "./base-tree.js";
import { Outside } from "./egress/outside.js";
import { FsService } from "./fs/service.js";
import type { GuestImage } from "./guest-thread.js";
import { HostCall, type HostConnection } from "./host-call.js";
import type { SharedScript } from "./image-memory.js";
import { Mounts } from "./mounts/mounts.js";
import { Inbound } from "./net/inbound.js";
import { ProcessTable } from "./process-table.js";
import { Runner } from "./runner.js";
import { SnippetCall } from "./snippet-call.js";

const types: ReadonlySet<unknown> = new Set<HostMessage["type"]>([
  "configure",
  "start",
  "runner",
  "runnerEnd",
  "kill",
  "resize",
  "fs",
  "ping",
  "connectIn",
  "closeIn",
  "list",
  "mounted",
  "changed",
  "connected",
  "unreachable",
  "lost",
  "resolved",
]);

/** What concerns the machine as a whole. */
export interface LinkEvents {
  /** Something has happened: a message, the end of a call, a thread that is ready or at rest. */
  active?(): void;
  /** The host is gone, or has let go. */
  closed(): void;
  /** The host broke the protocol: it is not the host, or one of the two is broken. */
  breach(reason: string): void;
}

/**
 * The time zone is one for the whole operating system process: that of the runtime's variables, in force
 * before any guest code runs. Threads that have booted take it over as they first ask for it.
 */
function adoptTimeZone(zone: string | undefined): void {
  // Node tells V8 of a change to this variable of its main thread.
  if (zone !== undefined) process.env["TZ"] = zone;
}

/** The machine's end of the wire: does what the host says until the host is gone. */
export class HostLink {
  readonly #image: GuestImage;
  readonly #table: ProcessTable;
  readonly #calls = new Map<number, HostCall | SnippetCall>();
  readonly #runners = new Map<number, Runner>();
  /** The descriptor of the disk, which the host opens before it configures the machine. */
  #diskFd: number | null;
  #connection: HostConnection | null = null;
  #events: LinkEvents | null = null;
  readonly #tar: () => TarLibrary;
  #fs: FsService | null = null;
  #inbound: Inbound | null = null;
  #configured = false;
  /** The host knows of a spare since the last call. */
  #spareTold = false;
  #env: Record<string, string> = {};

  constructor(
    image: GuestImage,
    commands: SharedScript,
    diskFd: number | null,
    keepSpare: boolean,
    tar: () => TarLibrary,
  ) {
    this.#image = image;
    this.#tar = tar;
    this.#diskFd = diskFd;
    this.#table = new ProcessTable(
      image,
      commands,
      keepSpare,
      () => this.#tellSpare(),
      () => this.#events?.active?.(),
    );
  }

  /** Whether no call is under way. */
  get idle(): boolean {
    return this.#calls.size === 0;
  }

  /** Starts the first guest thread, which runs no program before the host has verified the machine. */
  warm(): void {
    this.#table.spare.fill();
  }

  open(duplex: Duplex, ready: MachineMessage, events: LinkEvents): void {
    const handlers: ConnectionHandlers<HostMessage> = {
      parse: (value) =>
        types.has((value as HostMessage | null)?.type) ? (value as HostMessage) : "no message",
      control: (message) => this.#control(message, connection),
      protocolError: (reason) => events.breach(reason),
      closed: () => events.closed(),
    };
    const connection: HostConnection = new Connection<MachineMessage, HostMessage>(duplex, handlers, {
      transient: true,
    });
    this.#connection = connection;
    this.#events = events;
    this.#fs = new FsService(this.#table.disk, connection, this.#tar);
    this.#inbound = new Inbound(this.#table.disk, this.#table.network, connection);
    connection.send(ready);
  }

  #control(message: HostMessage, connection: HostConnection): void {
    this.#events?.active?.();
    switch (message.type) {
      case "configure":
        this.#configure(message, connection);
        break;
      case "start":
        this.#start(message, connection);
        break;
      case "runner": {
        const env = { ...this.#env, ...message.env };
        this.#runners.set(message.runner, new Runner(this.#table, connection, { ...message, env }));
        break;
      }
      case "runnerEnd":
        this.#runners.get(message.runner)?.close();
        this.#runners.delete(message.runner);
        break;
      case "kill":
        this.#calls.get(message.call)?.signal(message.signal, message.reason);
        break;
      case "resize":
        this.#resize(message);
        break;
      case "fs":
        this.#fs?.handle(message);
        break;
      case "mounted":
        this.#table.disk.mounts?.mounted(message);
        break;
      case "changed":
        this.#table.disk.mounts?.changed(message);
        break;
      case "connectIn":
        this.#inbound?.connect(message);
        break;
      case "closeIn":
        this.#inbound?.close(message.call);
        break;
      case "list":
        this.#inbound?.list(message.call);
        break;
      case "ping":
        connection.send({ type: "pong", call: message.call });
        break;
      default:
        this.#table.outside?.hear(message);
    }
  }

  #start(message: StartMessage, connection: HostConnection): void {
    const { entry } = message;
    const onEnd = (): void => {
      this.#calls.delete(message.call);
      this.#events?.active?.();
    };
    const call =
      entry.kind === "snippet"
        ? new SnippetCall(connection, message, entry.filePath, this.#runners.get(entry.runner), onEnd)
        : new HostCall(
            this.#table,
            connection,
            { ...message, entry, env: { ...this.#env, ...message.env } },
            onEnd,
          );
    this.#calls.set(message.call, call);
    this.#spareTold = false;
  }

  async #configure(message: ConfigureMessage, connection: HostConnection): Promise<void> {
    const {
      hostname,
      system,
      env,
      limits,
      permissions = defaultPermissions,
      audit = false,
      mounts,
      links = [],
    } = message;
    if (this.#diskFd !== null) closeSync(this.#diskFd);
    this.#diskFd = null;
    this.#table.hostname = hostname;
    this.#table.system = system ?? {};
    this.#table.limits = limits;
    this.#table.permissions = guestPermissions(permissions, audit);
    this.#table.childProcess = permissions.childProcess;
    const { disk } = this.#table;
    const rules = new NetworkRules(permissions.network);
    this.#table.networkRules = rules;
    this.#table.outside = new Outside(disk, connection, rules, message.loopbackPorts ?? []);
    this.#table.network.egress = this.#table.outside;
    this.#table.certificate = message.certificate;
    if (audit) this.#table.audit = new AuditLog((report) => connection.send(report));
    this.#env = env;
    adoptTimeZone(env["TZ"]);
    writeHostname(this.#image.disk, hostname);
    this.#fs?.tidy();
    if (mounts !== undefined) {
      disk.mounts = new Mounts(this.#image.disk, disk, connection);
      await disk.mounts.mount(mounts, links);
    }
    this.#configured = true;
    connection.send({ type: "configured" });
    if (this.#table.spare.ready) this.#tellSpare();
  }

  #resize(message: ResizeMessage): void {
    const call = this.#calls.get(message.call);
    if (call instanceof HostCall) call.resize(message);
  }

  /** Once for each call at most: a process takes spares as well, for its own threads. */
  #tellSpare(): void {
    this.#events?.active?.();
    if (!this.#configured || this.#spareTold) return;
    this.#spareTold = true;
    this.#connection?.send({ type: "spare" });
  }
}
