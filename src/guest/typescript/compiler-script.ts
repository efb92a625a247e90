import type { Disk } from "../../disk/disk.js";
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from "../../disk/modes.js";
import { latin1Slice, part } from "../bindings/fs/encoding.js";
import { readWhole, writeWhole } from "../bindings/fs/whole-file.js";
import { type Internal, primordials, requireBuiltin } from "../internals.js";

const { FunctionPrototypeCall, TypedArrayPrototypeGetLength } = primordials;

/** What is run once before V8's compiled form is kept, so that it holds what programs need. */
const sample = "enum E { a } class A { @d m(): void {} } const x = <p id='1'>{E.a}</p>;";

/**
 * The script of the TypeScript compiler on the disk. What V8 made of it is kept beside it, since reading it
 * takes three quarters of the time: by the first process that needs it, for those that come later.
 */
export class CompilerScript {
  readonly path: string;
  /** Its text, which is ASCII; null when it is gone. */
  readonly #text: string | null;
  #cache: Uint8Array | undefined;
  #script: Internal;
  #exports: Internal;

  /** Reads it, in the name of the system: no rules bind yet. */
  constructor(disk: Disk, path: string) {
    const text = read(disk, path);
    this.path = path;
    this.#text = text === undefined ? null : latin1Slice(text, 0, text.length);
    this.#cache = read(disk, `${path}.cache`);
    if (text !== undefined && this.#cache === undefined) this.#keep(disk);
  }

  /** Guest programs may have removed it. */
  get isGone(): boolean {
    return this.#text === null;
  }

  /** The compiler's exports. */
  get exports(): Internal {
    this.#exports ??= this.#run();
    return this.#exports;
  }

  #run(): Internal {
    const { Module } = requireBuiltin("internal/modules/cjs/loader");
    const { Script } = requireBuiltin("vm");
    this.#script = new Script(`(function (exports, require, module, __filename) {${this.#text}\n})`, {
      filename: this.path,
      cachedData: this.#cache,
    });
    this.#cache = undefined;
    const module: Internal = { exports: {} };
    const { stackTraceLimit } = Error;
    const load = this.#script.runInThisContext();
    FunctionPrototypeCall(
      load,
      undefined,
      module.exports,
      Module.createRequire(this.path),
      module,
      this.path,
    );
    // It takes the liberty to raise it for the whole program.
    Error.stackTraceLimit = stackTraceLimit;
    return module.exports;
  }

  /** Others may be at it too: whoever comes last replaces a whole file by a whole file. */
  #keep(disk: Disk): void {
    const { JsxEmit, ScriptTarget, transpileModule } = this.exports;
    const compilerOptions = { jsx: JsxEmit.ReactJSX, target: ScriptTarget.ES2022, sourceMap: true };
    transpileModule(sample, { fileName: "/source.tsx", reportDiagnostics: true, compilerOptions });
    const bytes: Uint8Array = this.#script.createCachedData();
    const own = `${this.path}.${process.pid}`;
    const length: number = TypedArrayPrototypeGetLength(bytes);
    if (writeWhole(disk, own, O_WRONLY | O_CREAT | O_TRUNC, 0o644, bytes, length) === undefined)
      disk.rename(own, `${this.path}.cache`);
    else disk.unlink(own);
  }
}

function read(disk: Disk, path: string): Uint8Array | undefined {
  const content = readWhole(disk, path, O_RDONLY);
  return "errno" in content ? undefined : part(content.bytes, 0, content.length);
}
