import type { MountSource } from "./source.js";

/** Directories of one mount that are watched at a time. */
const MAX_WATCHED = 8192;
/** How long what can't be watched counts as it was, in milliseconds. */
const BELIEVED = 1000;

/** What a machine has been told of a directory. */
export interface ToldDirectory {
  readonly path: readonly string[];
  /** Names of directories in it. */
  readonly directories: Set<string>;
  /** Names and sizes of files. */
  readonly files: Map<string, number>;
  /** Files whose bytes it has been sent. */
  readonly sent: Set<string>;
  /** How many of its directories have been asked for. */
  asked: number;
}

interface Watched extends ToldDirectory {
  unwatch(): void;
}

/** What a machine knows of a mount, as far as it still holds. */
export class Told {
  readonly #source: MountSource;
  readonly #changed: (path: string) => void;
  readonly #directories = new Map<string, Watched>();

  /** `changed` is called with the path of a directory that the machine knows by what it was. */
  constructor(source: MountSource, changed: (path: string) => void) {
    this.#source = source;
    this.#changed = changed;
  }

  get(path: readonly string[]): ToldDirectory | undefined {
    return this.#directories.get(path.join("/"));
  }

  /** A directory is about to be told: from here on its changes are noticed. */
  begin(path: readonly string[]): ToldDirectory {
    const key = path.join("/");
    this.#forget(key);
    const changed = (): void => {
      if (this.#forget(key, told)) this.#changed(key);
    };
    const told: Watched = {
      path,
      directories: new Set(),
      files: new Map(),
      sent: new Set(),
      asked: 0,
      unwatch: () => undefined,
    };
    const unwatch = this.#directories.size < MAX_WATCHED ? this.#source.watch(path, changed) : null;
    if (unwatch === null) {
      const timer = setTimeout(changed, BELIEVED).unref();
      told.unwatch = () => clearTimeout(timer);
    } else told.unwatch = unwatch;
    this.#directories.set(key, told);
    return told;
  }

  /** It could not be told. */
  fail({ path }: ToldDirectory): void {
    this.#forget(path.join("/"));
  }

  #forget(key: string, only?: Watched): boolean {
    const told = this.#directories.get(key);
    if (told === undefined || (only !== undefined && told !== only)) return false;
    this.#directories.delete(key);
    told.unwatch();
    return true;
  }

  close(): void {
    for (const told of this.#directories.values()) told.unwatch();
    this.#directories.clear();
  }
}
