/** The `fs_event_wrap` binding: what `fs.watch` stands on. */
import { EINVAL } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import type { Internal } from "../internals.js";
import { type Listener, Watches } from "../watches.js";
import { callBack } from "./completions.js";
import { checkPath } from "./fs/arguments.js";
import { decodeBytePath } from "./fs/byte-path.js";
import { parseEncoding } from "./fs/encoding.js";
import { type Loop, LoopHandle } from "./loop-handle.js";

export function fsEventBinding(env: GuestEnv, loop: Loop): Record<string, Internal> {
  const watches = new Watches(env);

  class FSEvent {
    onchange: ((status: number, type: string, name: string | Uint8Array) => void) | undefined;
    readonly #handle = new LoopHandle(loop, this, "FSEVENTWRAP");
    #encoding = "utf8";
    #watch = 0;

    readonly #listener: Listener = (type, name) => {
      callBack(this.#handle.operation, this, () => {
        if (typeof this.onchange === "function") this.onchange(0, type, decodeBytePath(name, this.#encoding));
      });
    };

    get initialized(): boolean {
      return this.#handle.isOpen;
    }

    /** Recursive watching is not inotify's: Node's JavaScript does it. */
    start(path: unknown, persistent: unknown, _recursive: unknown, encoding: unknown): number {
      const name = checkPath(this.start, path);
      if (this.#handle.isOpen) return -EINVAL;
      this.#encoding = parseEncoding(encoding);
      const watch = watches.add(name, this.#listener);
      if (watch < 0) return watch;
      this.#watch = watch;
      this.#handle.reference(persistent === true);
      this.#handle.open();
      return 0;
    }

    close(callback?: unknown): void {
      if (this.#handle.close(callback)) watches.remove(this.#watch, this.#listener);
    }

    ref(): void {
      if (this.#handle.isOpen) this.#handle.reference(true);
    }

    unref(): void {
      if (this.#handle.isOpen) this.#handle.reference(false);
    }

    hasRef(): boolean {
      return this.#handle.hasReference();
    }

    getAsyncId(): number {
      return this.#handle.operation.asyncId;
    }
  }

  return { FSEvent };
}
