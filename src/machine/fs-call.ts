import { FileSystemError } from "../errors/file-system-error.js";
import { ByteCollector } from "../wire/byte-collector.js";
import type { Connection } from "../wire/connection.js";
import type { IncomingHandlers } from "../wire/incoming-stream.js";
import { costOfJson } from "../wire/json-cost.js";
import type { FsOperation, FsResultMessage, FsValue, HostMessage, MachineMessage } from "../wire/messages.js";
import { type DirectoryEntries, parseDirectoryEntries } from "../wire/validation.js";
import { Feed } from "./feed.js";

/** What an operation on the disk gives. */
export interface FsResult {
  /** Of operations that answer with something else than bytes or entries; null otherwise. */
  value: FsValue;
  /** Of `readFile` and `freeze`; null otherwise. */
  data: Buffer | null;
  /** Of `readdir`; null otherwise. */
  entries: DirectoryEntries | null;
}

/** Bytes of an operation that flow as its caller makes or takes them. */
export interface FsFlow {
  /**
   * Bytes that come. `consumed(n)` makes room for more, now or later. The bytes are a view that may be small:
   * copy them to keep them. A string is a breach.
   */
  take?(bytes: Uint8Array, consumed: (bytes: number) => void): string | null;
  /** Is given what takes bytes, and tells whether the machine has to wait for them. Never rejects. */
  give?(feed: Feed, waits: (waits: boolean) => void): Promise<void>;
}

/** A bit for each 64 KiB of the largest disk, with room for its tables. */
const MAX_MAP_BYTES = 16 * 1024;
/** The largest listing of a directory, in bytes of JSON. */
const MAX_LISTING_BYTES = 64 * 1024 * 1024;
/** A list of pairs: two commas and a bracket for each name, of which a disk holds a million. */
const LISTING_BOUNDS = { values: 3_200_000, depth: 2 };

/** An operation on the disk of a machine. */
export class FsCall {
  readonly id: number;
  readonly #connection: Connection<HostMessage, MachineMessage>;
  readonly #operation: FsOperation;
  readonly #stream: number | null;
  readonly #received: ByteCollector | null = null;
  readonly #outgoing: Feed | null = null;
  readonly #resolve: (result: FsResult) => void;
  readonly #reject: (error: unknown) => void;

  /** Sends the request. */
  constructor(
    connection: Connection<HostMessage, MachineMessage>,
    ids: { call: number; stream: number },
    operation: FsOperation,
    data: Uint8Array | undefined,
    flow: FsFlow,
    events: {
      resolve: (result: FsResult) => void;
      reject: (error: unknown) => void;
      /** Bytes went or came. */
      progress: () => void;
      /** Whether the machine has to wait for the caller. */
      waits: (waits: boolean) => void;
    },
  ) {
    const { op } = operation;
    this.id = ids.call;
    this.#connection = connection;
    this.#operation = operation;
    this.#resolve = events.resolve;
    this.#reject = events.reject;
    const incoming = incomingBytes(operation);
    const flows = op === "writeFile" || op === "importTar" || isHandedOn(op) || incoming !== null;
    this.#stream = flows ? ids.stream : null;
    connection.send({ ...operation, type: "fs", call: ids.call, stream: this.#stream });
    if (op === "writeFile") {
      this.#outgoing = new Feed(connection.openOutgoing(ids.stream), "data", events.progress);
      if (data !== undefined) this.#outgoing.write(data).catch(events.reject);
      this.#outgoing.end();
    } else if (op === "importTar") {
      this.#outgoing = new Feed(connection.openOutgoing(ids.stream), "archive", events.progress);
      void flow.give?.(this.#outgoing, events.waits);
    } else if (isHandedOn(op)) {
      const breach = (what: string): void => connection.breach(what);
      connection.onIncoming(ids.stream, held(flow, { ...events, breach }));
    } else if (incoming !== null) {
      const collector = new ByteCollector(incoming);
      this.#received = collector;
      connection.onIncoming(ids.stream, {
        data: (bytes, consumed) => {
          events.progress();
          if (collector.push(bytes) < bytes.length) connection.breach(`more bytes than ${op} asked for`);
          else consumed(bytes.length);
        },
        end: () => undefined,
      });
    }
  }

  /** The machine says what came of it. A string is a breach. */
  finished({ error, value }: FsResultMessage): string | null {
    if (this.#stream !== null && this.#connection.expects(this.#stream)) {
      return `the result of call ${this.id} before the end of its stream`;
    }
    this.#outgoing?.abort();
    if (error !== null) {
      if (value !== null) return `call ${this.id} with both an error and a value`;
      this.#reject(new FileSystemError(error));
      return null;
    }
    if (valueType(value) !== expectedType(this.#operation)) return `a wrong value of ${this.#operation.op}`;
    const bytes = this.#received?.bytes() ?? null;
    if (this.#operation.op !== "readdir") {
      this.#resolve({ value, data: bytes, entries: null });
      return null;
    }
    const entries = decodeEntries(bytes ?? Buffer.alloc(0));
    if (typeof entries === "string") return entries;
    this.#resolve({ value: null, data: null, entries });
    return null;
  }

  /** The machine has ended. */
  failed(error: unknown): void {
    this.#outgoing?.abort();
    this.#reject(error);
  }
}

/** Whether the caller takes the bytes as they come. */
function isHandedOn(op: FsOperation["op"]): boolean {
  return op === "exportTar" || op === "inventory";
}

interface HeldEvents {
  progress: () => void;
  waits: (waits: boolean) => void;
  breach: (what: string) => void;
}

/** Hands on what comes; while some of it is not consumed the machine has to wait. */
function held(flow: FsFlow, { progress, waits, breach }: HeldEvents): IncomingHandlers {
  let kept = 0;
  return {
    data: (bytes, consumed) => {
      progress();
      kept += bytes.length;
      waits(true);
      const wrong = flow.take?.(bytes, (count) => {
        kept -= count;
        if (kept === 0) waits(false);
        consumed(count);
      });
      if (typeof wrong === "string") breach(wrong);
    },
    end: () => undefined,
  };
}

/** How many bytes may come of an operation; null where none do. */
function incomingBytes(operation: FsOperation): number | null {
  switch (operation.op) {
    case "readFile":
      return operation.limit;
    case "readdir":
      return MAX_LISTING_BYTES;
    case "freeze":
      return MAX_MAP_BYTES;
    default:
      return null;
  }
}

type ValueType = "null" | "boolean" | "path" | "stat" | "check";

function valueType(value: FsResultMessage["value"]): ValueType {
  if (value === null) return "null";
  if (typeof value === "string") return "path";
  if (typeof value === "boolean") return "boolean";
  return "formatted" in value ? "check" : "stat";
}

function expectedType(operation: FsOperation): ValueType {
  const { op } = operation;
  if (op === "thaw") return operation.restored ? "check" : "null";
  if (op === "exists") return "boolean";
  if (op === "readlink" || op === "realpath" || op === "mkdtemp") return "path";
  return op === "stat" || op === "lstat" ? "stat" : "null";
}

function decodeEntries(json: Buffer): DirectoryEntries | string {
  const broken = costOfJson(json, LISTING_BOUNDS);
  if (broken !== null) return `a directory listing with too much ${broken}`;
  try {
    return parseDirectoryEntries(JSON.parse(json.toString("utf8")));
  } catch {
    return "a directory listing that is not JSON";
  }
}
