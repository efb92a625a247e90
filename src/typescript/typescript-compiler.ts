import { posix } from "node:path";
import { NodeRuntime } from "../runtime/node-runtime.js";
import { readFields, refuse } from "../runtime/options/checks.js";
import type { Limits } from "../runtime/options/limits.js";
import { type CheckedJob, checkProjectJob, checkSources } from "./jobs.js";
import type { Diagnostic, OutputFile } from "./protocol.js";
import { ResidentCompiler } from "./resident-compiler.js";
import type {
  CheckResult,
  CompiledProject,
  CompiledSource,
  CompileProjectOptions,
  CompilerOptions,
  JobOptions,
  SourceFiles,
  SourceOptions,
} from "./types.js";

const MEMORY = 2 ** 30;

/**
 * The TypeScript compiler, in a guest: it checks and compiles code that nobody trusts, knows the types of the
 * guest's Node and of what its programs have besides, and is kept warm from one call to the next.
 *
 * The compiler itself is the host's, a peer dependency: `npm install typescript@6 @types/node`.
 *
 * @example
 * ```ts
 * import { TypeScriptCompiler } from "secure-exec/typescript";
 *
 * await using compiler = await TypeScriptCompiler.create();
 * const { diagnostics } = await compiler.check(`const n: number = "one";`);
 * // [{ file: "index.ts", line: 1, column: 7, code: 2322, category: "error", message: "Type 'string' is …" }]
 * ```
 */
export class TypeScriptCompiler implements AsyncDisposable {
  readonly #compiler: ResidentCompiler;
  /** A runtime of its own. */
  readonly #own: NodeRuntime | null;

  private constructor(compiler: ResidentCompiler, own: NodeRuntime | null) {
    this.#compiler = compiler;
    this.#own = own;
  }

  /**
   * Starts the compiler, in a runtime of the caller's or in one of its own.
   *
   * @throws InvalidOptionError for an option that can't be used.
   * @throws CompilerUnavailableError where the host has no TypeScript that runs in a guest, or no types of Node.
   * @throws What `NodeRuntime.create()` and `spawn()` throw.
   */
  static async create(options?: CompilerOptions): Promise<TypeScriptCompiler> {
    const { runtime, limits } = readFields(options, "options", ["runtime", "limits"]);
    if (runtime !== undefined && !(runtime instanceof NodeRuntime))
      refuse("runtime", "a NodeRuntime", runtime);
    if (runtime !== undefined && limits !== undefined)
      refuse("limits", "absent where there is a runtime, which has its own", limits);
    const own = runtime === undefined ? await createRuntime(limits as Limits | undefined) : null;
    const compiler = new ResidentCompiler(runtime ?? (own as NodeRuntime));
    try {
      await compiler.start();
    } catch (error) {
      await own?.dispose();
      throw error;
    }
    return new TypeScriptCompiler(compiler, own);
  }

  /**
   * Checks one source, as `exec()` would run it, or several files. What is wrong with it, or with its settings,
   * is a diagnostic of the result.
   *
   * @throws InvalidOptionError for an argument that can't be used.
   * @throws CompilerStoppedError when there is no answer: `reason` is `timeout`, `memory`, `size` or `crash`.
   * @throws The reason of `signal`, when it is aborted.
   * @throws MachineExitedError, DisposedError as `spawn()` does.
   */
  async check(program: string | SourceFiles, options?: SourceOptions): Promise<CheckResult> {
    const { files: _, ...result } = await this.#do(checkSources(program, options, "nowhere"));
    return result;
  }

  /** Checks one source and makes JavaScript of it, also where there are errors. Throws as `check()` does. */
  async compileSource(source: string, options?: SourceOptions): Promise<CompiledSource> {
    if (typeof source !== "string") refuse("source", "a string", source);
    const checked = checkSources(source, options, "answer");
    const { files, ...result } = await this.#do(checked);
    const content = (pattern: RegExp) => files.find(({ path }) => pattern.test(path))?.content;
    return {
      ...result,
      code: content(/\.[cm]?jsx?$/),
      map: content(/\.[cm]?jsx?\.map$/),
      declaration: content(/\.d\.[cm]?ts$/),
    };
  }

  /**
   * Checks a project on the disk of the compiler's runtime: a directory with a tsconfig.json, or the path of one.
   * Throws as `check()` does.
   */
  async checkProject(path: string, options?: JobOptions): Promise<CheckResult> {
    const { files: _, ...result } = await this.#do(checkProjectJob(path, options, false));
    return result;
  }

  /** Checks such a project and makes its output, on the disk and in the result. Throws as `check()` does. */
  async compileProject(path: string, options?: CompileProjectOptions): Promise<CompiledProject> {
    return await this.#do(checkProjectJob(path, options, true));
  }

  /** Ends the compiler's process, and its runtime if that is its own. May be called again. */
  async dispose(): Promise<void> {
    this.#compiler.dispose();
    await this.#own?.dispose();
  }

  /** `dispose()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #do({ job, patience, directory }: CheckedJob): Promise<CheckResult & { files: OutputFile[] }> {
    const { diagnostics, omitted, files } = await this.#compiler.do(job, patience);
    const shown = (path: string) => (directory === null ? path : relativeTo(directory, path));
    return {
      success: omitted === 0 && !diagnostics.some(({ category }) => category === "error"),
      diagnostics: diagnostics.map((diagnostic) => withFile(diagnostic, shown)),
      omitted,
      files: files.map(({ path, content }) => ({ path: shown(path), content })),
    };
  }
}

/** It has no need of anything but memory. */
function createRuntime(
  limits: Limits = { memoryBytes: MEMORY, machineMemoryBytes: 2 * MEMORY },
): Promise<NodeRuntime> {
  return NodeRuntime.create({ limits, permissions: { childProcess: "deny", network: "deny" } });
}

function withFile(diagnostic: Diagnostic, shown: (path: string) => string): Diagnostic {
  return diagnostic.file === undefined ? diagnostic : { ...diagnostic, file: shown(diagnostic.file) };
}

/** What is not below the directory keeps its path. */
function relativeTo(directory: string, path: string): string {
  const relative = posix.relative(directory, path);
  return relative.startsWith("../") ? path : relative;
}
