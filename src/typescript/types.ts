import type { NodeRuntime } from "../runtime/node-runtime.js";
import type { Limits } from "../runtime/options/limits.js";
import type { Diagnostic, OutputFile } from "./protocol.js";

/** What `TypeScriptCompiler.create()` takes. */
export interface CompilerOptions {
  /**
   * The runtime whose disk the compiler sees, and in which it runs: with the rights of its programs, and no more
   * trustworthy than they are. Default: one of its own, with an empty disk, which ends with the compiler.
   */
  runtime?: NodeRuntime | undefined;
  /** Ceilings of a runtime of its own. Default: those of `NodeRuntime.create()`, with `memoryBytes` 1 GiB. */
  limits?: Limits | undefined;
}

/** What all methods of a compiler take. */
export interface JobOptions {
  /**
   * Milliseconds that the compiler may take, from when it begins: above 0, up to 2147483647. Beyond them the call
   * rejects with CompilerStoppedError. Default 60,000.
   */
  timeout?: number | undefined;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What `check()` and `compileSource()` take of sources. */
export interface SourceOptions extends JobOptions {
  /** The directory that names of files, and imports, are relative to. Default `/home/user`. */
  cwd?: string | undefined;
  /** What one source goes by. Its extension says what it is written in. Default `index.ts`. */
  fileName?: string | undefined;
  /** Options of a tsconfig.json, over the defaults: see docs/typescript.md. */
  compilerOptions?: Record<string, unknown> | undefined;
}

/** Sources to be checked together. */
export interface SourceFiles {
  /** Names to text: relative to `cwd`, or absolute. They lie over the files of the disk. */
  files: Record<string, string>;
  /**
   * Settings: the name of a tsconfig.json among the files or on the disk, or what one would say. Default: as for
   * a single source.
   */
  tsconfig?: string | Record<string, unknown> | undefined;
}

/** Options of `compileProject()`. */
export interface CompileProjectOptions extends JobOptions {
  /** Writes the output to the disk, as `tsc` does. Default true. */
  write?: boolean | undefined;
}

/** What the compiler has to say about a program. */
export interface CheckResult {
  /** True when there is no error among the diagnostics. */
  success: boolean;
  /** In order of file and place, the first 1,000. */
  diagnostics: Diagnostic[];
  /** How many more there are. */
  omitted: number;
}

/** What becomes of a source. */
export interface CompiledSource extends CheckResult {
  /** JavaScript; undefined when there is none because of an error. */
  code: string | undefined;
  /** The source map, with the option `sourceMap`. */
  map: string | undefined;
  /** Declarations, with the option `declaration`. */
  declaration: string | undefined;
}

/** What becomes of a project. */
export interface CompiledProject extends CheckResult {
  /** All files of the output, by their absolute paths. */
  files: OutputFile[];
}
