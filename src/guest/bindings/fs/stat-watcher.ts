import type { Path, StatArray } from "../../../disk/types.js";
import { type Internal, internalBinding, nativeFsBinding, requireBuiltin } from "../../internals.js";
import { callBack, later } from "../completions.js";
import { type Loop, LoopHandle } from "../loop-handle.js";
import { checkNumber, checkPath } from "./arguments.js";
import { toBytePath, toPath } from "./byte-path.js";
import type { FsContext } from "./context.js";

const { setUnrefTimeout } = requireBuiltin("internal/timers");
const { clearTimeout } = requireBuiltin("timers");
const getLibuvNow: () => number = internalBinding("timers")["getLibuvNow"];

// Both of them have room for two stats: as it is, and as it was.
const statValues: Float64Array = nativeFsBinding["statValues"];
const bigintStatValues: BigInt64Array = nativeFsBinding["bigintStatValues"];

const Doubles = Float64Array;
const Bigs = BigInt64Array;
const fields = 18;
/** What a watcher compares: all but the links, the device's number, block counts and the time of access. */
const compared = [0, 1, 3, 4, 7, 8, 12, 13, 14, 15, 16, 17];

/** The class that `fs.watchFile` stands on. As libuv does, it asks for the file's stat again and again. */
export function statWatcherClass({ disk }: FsContext, loop: Loop): new (bigint: unknown) => object {
  return class StatWatcher {
    onchange: ((status: number, stats: StatArray) => void) | undefined;
    readonly #handle = new LoopHandle(loop, this, "STATWATCHER");
    readonly #bigint: boolean;
    #path: Path = "";
    #interval = 1;
    #asked = 0;
    #timer: Internal;
    /** 0 before the first answer, 1 after a stat, else the errno of the last answer. */
    #status = 0;
    #last: StatArray;

    constructor(bigint: unknown) {
      this.#bigint = bigint === true;
      this.#last = this.#fresh();
    }

    #fresh(): StatArray {
      return this.#bigint ? new Bigs(fields) : new Doubles(fields);
    }

    start(path: unknown, interval: unknown): number {
      const name = checkPath(this.start, path);
      const milliseconds = checkNumber(this.start, interval, "interval");
      if (this.#handle.isOpen) return 0;
      // The guest may change the bytes of a Buffer later.
      this.#path = toPath(toBytePath(name));
      this.#interval = milliseconds || 1;
      this.#handle.open();
      this.#ask();
      return 0;
    }

    readonly #ask = (): void => {
      this.#asked = getLibuvNow();
      const stat = this.#fresh();
      const result = disk.stat(this.#path, stat);
      later(() => this.#answer(result, stat));
    };

    #answer(result: number, stat: StatArray): void {
      if (!this.#handle.isOpen) return;
      try {
        if (result < 0) this.#fail(result);
        else this.#compare(stat);
      } finally {
        if (this.#handle.isOpen) this.#schedule();
      }
    }

    #fail(result: number): void {
      if (this.#status === result) return;
      this.#status = result;
      this.#tell(result, this.#fresh(), this.#last);
    }

    #compare(stat: StatArray): void {
      const last = this.#last;
      const changed = this.#status < 0 || (this.#status > 0 && differ(last, stat));
      this.#last = stat;
      this.#status = 1;
      if (changed) this.#tell(0, stat, last);
    }

    #tell(status: number, now: StatArray, before: StatArray): void {
      callBack(this.#handle.operation, this, () => {
        const out: StatArray = this.#bigint ? bigintStatValues : statValues;
        for (let i = 0; i < fields; i++) {
          out[i] = now[i] as number & bigint;
          out[fields + i] = before[i] as number & bigint;
        }
        if (typeof this.onchange === "function") this.onchange(status, out);
      });
    }

    #schedule(): void {
      const interval = this.#interval;
      // The handle itself keeps the loop alive, or doesn't.
      this.#timer = setUnrefTimeout(this.#ask, interval - ((getLibuvNow() - this.#asked) % interval));
    }

    close(callback?: unknown): void {
      if (this.#handle.close(callback) && this.#timer !== undefined) clearTimeout(this.#timer);
    }

    ref(): void {
      this.#handle.reference(true);
    }

    unref(): void {
      this.#handle.reference(false);
    }

    hasRef(): boolean {
      return this.#handle.hasReference();
    }

    getAsyncId(): number {
      return this.#handle.operation.asyncId;
    }
  };
}

function differ(a: StatArray, b: StatArray): boolean {
  for (let i = 0; i < compared.length; i++) {
    const field = compared[i] as number;
    if (a[field] !== b[field]) return true;
  }
  return false;
}
