import { AUDIT_BURST, AUDIT_RATE, type AuditEvent, RateLimit } from "../../policy/audit.js";
import type {
  ChangedMessage,
  MountDescription,
  MountedMessage,
  MountLink,
  MountMessage,
} from "../../wire/messages.js";
import type { OutgoingStream } from "../../wire/outgoing-stream.js";
import { Answer } from "./answer.js";
import { Pace } from "./pace.js";
import { sendDependencies, sendNeighbours, sendPackage, sendWay } from "./read-ahead.js";
import { failureOf, type MountSource, SourceFailure } from "./source.js";
import { Told } from "./told.js";

/** A source, and where its content shows. */
export interface Mount extends MountDescription {
  readonly source: MountSource;
}

/** What a runtime mounts. */
export interface MountPlan {
  readonly mounts: readonly Mount[];
  readonly links: readonly MountLink[];
  /** Whether something in them may change while the runtime lives. */
  readonly changing: boolean;
}

/** The way to one machine. */
export interface MachineWire {
  send(message: MountedMessage | ChangedMessage): void;
  /** Opens a stream to the machine: its number, too. */
  open(): { id: number; stream: OutgoingStream };
}

/** Requests that a machine may have at a time; ours has half of that. */
const MAX_REQUESTS = 64;

interface Known {
  readonly mount: Mount;
  readonly told: Told;
}

/** Answers what one machine asks of the mounts of its runtime, one request after the other. */
export class MountService {
  readonly #wire: MachineWire;
  readonly #onAudit: ((event: AuditEvent) => void) | undefined;
  readonly #auditLimit = new RateLimit(AUDIT_BURST, AUDIT_RATE, performance.now());
  #suppressed = 0;
  readonly #mounts = new Map<number, Known>();
  readonly #queue: MountMessage[] = [];
  readonly #pace = new Pace();
  #serving = false;
  #closed = false;

  constructor(mounts: readonly Mount[], wire: MachineWire, onAudit?: (event: AuditEvent) => void) {
    this.#wire = wire;
    this.#onAudit = onAudit;
    for (const mount of mounts) {
      const { id } = mount;
      const changed = (path: string): void => wire.send({ type: "changed", mount: id, paths: [path] });
      this.#mounts.set(id, { mount, told: new Told(mount.source, changed) });
    }
  }

  /** Takes a request. A string says what is wrong with it. */
  take(message: MountMessage): string | null {
    if (!this.#mounts.has(message.mount)) return "a request for a mount that there isn't";
    if (this.#queue.length >= MAX_REQUESTS) return "more requests for mounts than a machine may have";
    this.#queue.push(message);
    if (!this.#serving) void this.#serve();
    return null;
  }

  /** The machine is gone. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const { told } of this.#mounts.values()) told.close();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    this.#pace.begin();
    // A request counts until it is answered.
    for (let request = this.#queue[0]; request !== undefined && !this.#closed; request = this.#queue[0]) {
      await this.#answer(request);
      this.#queue.shift();
    }
    this.#serving = false;
  }

  async #answer({ request, mount: id, want, path, ahead }: MountMessage): Promise<void> {
    const { mount, told } = this.#mounts.get(id) as Known;
    const { id: number, stream } = this.#wire.open();
    this.#wire.send({ type: "mounted", request, stream: number });
    const reader = mount.source.reader();
    const answer = new Answer(reader, told, stream, this.#pace);
    let done = false;
    try {
      const names = namesOf(path);
      if (names === null || (want === "content" && names.length === 0))
        throw new SourceFailure("EACCES", true);
      if (want === "content") {
        await answer.content(names);
        answer.done();
        done = true;
        const directory = told.get(names.slice(0, -1));
        if (directory !== undefined) await sendPackage(answer, told, directory, path);
        await sendDependencies(answer, told);
      } else {
        const directory = await answer.names(names);
        // Whoever is on the way is answered when it is there, or where it ends.
        const end = await sendWay(answer, told, directory, wayOf(ahead)).finally(() => {
          answer.done();
          done = true;
        });
        await sendPackage(answer, told, end, ahead);
        await sendDependencies(answer, told);
        await sendNeighbours(answer, told, names);
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure.refused) this.#refused(mount, want, path);
      if (!done) answer.failed(failure.errno);
    }
    reader.close();
    answer.end();
  }

  #refused({ path: root }: Mount, want: MountMessage["want"], path: string): void {
    if (this.#onAudit === undefined) return;
    if (!this.#auditLimit.take(performance.now())) {
      this.#suppressed++;
      return;
    }
    const resource = `${root}/${path}`;
    this.#onAudit({
      time: Date.now(),
      origin: "host",
      scope: "fs",
      operation: want === "names" ? "list" : "read",
      resource: resource.length > 1024 ? `${resource.slice(0, 1023)}…` : resource,
      decision: "deny",
      rule: null,
      suppressed: this.#suppressed,
    });
    this.#suppressed = 0;
  }
}

/** The names of a path that a machine asks for; null for one that no honest machine has. */
export function namesOf(path: string): string[] | null {
  if (path === "") return [];
  const names = path.split("/");
  return names.every(isName) ? names : null;
}

/** The names that somebody goes along, as far as they are names: a guest may have made them up. */
function wayOf(ahead: string): string[] {
  const names = ahead.split("/").filter((name) => name !== "" && name !== ".");
  const end = names.findIndex((name) => !isName(name));
  return end === -1 ? names : names.slice(0, end);
}

function isName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return false;
  return name.length <= 255 && !name.includes("\0") && !name.includes("/");
}
