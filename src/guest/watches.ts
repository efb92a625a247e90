/**
 * This thread's watches, as libuv has them on inotify: one for each file, shared by all who watch it, and
 * an event of a file that is watched by itself goes by the name that it was first watched by.
 */
import { E_LENGTH, E_MASK, E_WATCH, EVENT_WORDS } from "../disk/layout.js";
import { IN_ATTRIB, IN_MODIFY } from "../disk/modes.js";
import type { Path } from "../disk/types.js";
import { TypedArrayPrototypeGetBuffer } from "../primordials/primordials.js";
import { later } from "./bindings/completions.js";
import { toBytePath } from "./bindings/fs/byte-path.js";
import { latin1Slice } from "./bindings/fs/encoding.js";
import type { GuestEnv } from "./env.js";
import { primordials } from "./internals.js";
import { runTicks } from "./ticks.js";

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ArrayPrototypeSplice,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  PromisePrototypeThen,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} = primordials;
const Words: Int32ArrayConstructor = primordials.Int32Array;

/** Gets the events of one file. `name` has a character for each byte. */
export type Listener = (type: "rename" | "change", name: string) => void;

/** A file that somebody in this thread watches. */
interface Watched {
  readonly id: number;
  readonly name: string;
  readonly listeners: Listener[];
}

/** An event on its way to those listeners who were there when it was looked at. */
interface Delivery {
  readonly type: "rename" | "change";
  readonly name: string;
  readonly watched: Watched;
  readonly listeners: Listener[];
}

export class Watches {
  readonly #disk: GuestEnv["disk"];
  readonly #watched: Map<number, Watched> = new primordials.Map();
  #awaiting = false;
  /** Events that have been taken from the disk, and where they go on. */
  #taken = new Words(0);
  #next = 0;
  #end = 0;
  #current: Delivery | undefined;

  constructor(env: GuestEnv) {
    this.#disk = env.disk;
  }

  /** Answers the id of the file's watch, or a negative errno. */
  add(path: Path, listener: Listener): number {
    const id = this.#disk.watch(path);
    if (id < 0) return id;
    const watched: Watched | undefined = MapPrototypeGet(this.#watched, id);
    if (watched === undefined) {
      MapPrototypeSet(this.#watched, id, { id, name: lastName(toBytePath(path)), listeners: [listener] });
    } else ArrayPrototypePush(watched.listeners, listener);
    this.#await();
    return id;
  }

  remove(id: number, listener: Listener): void {
    const watched: Watched | undefined = MapPrototypeGet(this.#watched, id);
    if (watched === undefined) return;
    const index: number = ArrayPrototypeIndexOf(watched.listeners, listener);
    if (index >= 0) ArrayPrototypeSplice(watched.listeners, index, 1);
    if (watched.listeners.length > 0) return;
    MapPrototypeDelete(this.#watched, id);
    this.#disk.unwatch(id);
  }

  #await(): void {
    if (this.#awaiting) return;
    this.#awaiting = true;
    const events = this.#disk.awaitEvents();
    if (events === null) later(this.#deliver);
    else PromisePrototypeThen(events, () => later(this.#deliver));
  }

  /** Delivers all events that there are, and should a listener throw, the rest on a later turn. */
  readonly #deliver = (): void => {
    let done = false;
    try {
      if (this.#next === this.#end) this.#take();
      for (let more = this.#step(); more; more = this.#step()) runTicks();
      done = true;
    } finally {
      if (done) {
        this.#awaiting = false;
        this.#await();
      } else later(this.#deliver);
    }
  };

  #take(): void {
    const length = this.#disk.takeEvents();
    const { events } = this.#disk;
    this.#next = 0;
    this.#end = 0;
    if (events === undefined) return;
    this.#taken = new Words(TypedArrayPrototypeGetBuffer(events) as ArrayBuffer);
    this.#end = length >>> 2;
  }

  /** Tells one listener of one event; false when there is none left. */
  #step(): boolean {
    for (;;) {
      const delivery = this.#current ?? this.#parse();
      if (delivery === undefined) return false;
      this.#current = delivery;
      const { type, name, watched, listeners } = delivery;
      if (listeners.length === 0) {
        this.#current = undefined;
        continue;
      }
      const listener = listeners[0] as Listener;
      ArrayPrototypeSplice(listeners, 0, 1);
      // Another may have removed it meanwhile.
      if (ArrayPrototypeIndexOf(watched.listeners, listener) < 0) continue;
      listener(type, name);
      return true;
    }
  }

  /** The next event that is somebody's. */
  #parse(): Delivery | undefined {
    while (this.#next + EVENT_WORDS <= this.#end) {
      const at = this.#next;
      const taken = this.#taken;
      const mask = taken[at + E_MASK] as number;
      const length = taken[at + E_LENGTH] as number;
      const start = (at + EVENT_WORDS) * 4;
      if (!(length >= 0 && start + length <= this.#end * 4)) break;
      this.#next = (start + length + 3) >>> 2;
      const watched: Watched | undefined = MapPrototypeGet(this.#watched, taken[at + E_WATCH]);
      if (watched === undefined) continue;
      const name =
        length > 0 ? latin1Slice(this.#disk.events as Uint8Array, start, start + length) : watched.name;
      // Whatever it is besides, libuv calls a renaming; Node prefers that.
      const type = (mask & ~(IN_ATTRIB | IN_MODIFY)) === 0 ? "change" : "rename";
      return { type, name, watched, listeners: ArrayPrototypeSlice(watched.listeners) };
    }
    this.#next = 0;
    this.#end = 0;
    return undefined;
  }
}

function lastName(bytePath: string): string {
  return StringPrototypeSlice(bytePath, StringPrototypeLastIndexOf(bytePath, "/") + 1);
}
