import type ts from "typescript";

/** Characters of source that one program may have: some 2,000,000 lines. */
const MAX_SOURCE = 96 * 1024 * 1024;
/** Characters of sources that are kept from program to program: their trees take some 30 times that. */
const MAX_KEPT = 4 * 1024 * 1024;

/** A program is larger than this process is meant for. */
export class SizeError extends Error {}

interface Parsed {
  text: string;
  file: ts.SourceFile;
}

/** Parsed files, which are the same objects as long as their text is the same: so the next program reuses them. */
export class SourceCache {
  readonly #typescript: typeof ts;
  /** Declarations of the language and of Node, which are read alike under all settings. */
  readonly #common = new Map<string, Parsed>();
  #others = new Map<string, Parsed>();
  #settings = "";
  #kept = 0;
  #used = 0;

  constructor(typescript: typeof ts) {
    this.#typescript = typescript;
  }

  /** Another program begins. True when it can build on the one before: its settings are the same. */
  begin(settings: string): boolean {
    this.#used = 0;
    const follows = settings === this.#settings && this.#kept <= MAX_KEPT;
    if (follows) return true;
    this.#settings = settings;
    this.#others = new Map();
    this.#kept = 0;
    return false;
  }

  get(path: string, text: string, how: ts.CreateSourceFileOptions, isCommon: boolean): ts.SourceFile {
    this.#used += text.length;
    if (this.#used > MAX_SOURCE) {
      throw new SizeError(`The program has more than ${MAX_SOURCE} characters of source`);
    }
    const parsed = isCommon ? this.#common : this.#others;
    const key = `${how.impliedNodeFormat} ${path}`;
    const before = parsed.get(key);
    if (before?.text === text) return before.file;
    const file = this.#typescript.createSourceFile(path, text, how, true);
    if (!isCommon) this.#kept += text.length - (before?.text.length ?? 0);
    parsed.set(key, { text, file });
    return file;
  }
}
