import { Operation } from "../completions.js";
import { checkFileMode, checkInteger, checkPath } from "./arguments.js";
import { toBytePath, toPath } from "./byte-path.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { type CpOptions, copyDirectory, copyTimes } from "./cp-directory.js";
import { standardError, systemError } from "./cp-error.js";
import { checkCpPaths } from "./cp-paths.js";
import type { Native } from "./errors.js";
import { finishJob, type JobClass } from "./file-jobs.js";

/** The functions behind `fs.cpSync`. */
export function copyFunctions({ disk }: FsContext): BindingFunctions {
  function cpSyncCheckPaths(
    source: unknown,
    target: unknown,
    dereference: unknown,
    recursive: unknown,
  ): void {
    const from = byteArgument(cpSyncCheckPaths, source, "src");
    const to = byteArgument(cpSyncCheckPaths, target, "dest");
    const error = checkCpPaths(disk, from, to, dereference === true, recursive === true);
    if (error !== undefined) throw error(cpSyncCheckPaths);
  }

  function cpSyncOverrideFile(
    source: unknown,
    target: unknown,
    modeArgument: unknown,
    keepTimes: unknown,
  ): void {
    const from = byteArgument(cpSyncOverrideFile, source, "src");
    const to = byteArgument(cpSyncOverrideFile, target, "dest");
    const mode = checkFileMode(cpSyncOverrideFile, modeArgument);
    const removed = disk.unlink(toPath(to));
    if (removed < 0) throw standardError(removed, "unlink", to)(cpSyncOverrideFile);
    const result = disk.copyFile(toPath(from), toPath(to), mode);
    if (result < 0 && mode === 0) throw standardError(result, "cp", to)(cpSyncOverrideFile);
    if (result < 0) throw systemError(result, "cp", from, toPath(to))(cpSyncOverrideFile);
    const error = keepTimes === true ? copyTimes(disk, from, to) : undefined;
    if (error !== undefined) throw error(cpSyncOverrideFile);
  }

  function cpSyncCopyDir(
    source: unknown,
    target: unknown,
    force: unknown,
    dereference: unknown,
    errorOnExist: unknown,
    verbatimSymlinks: unknown,
    preserveTimestamps: unknown,
  ): void {
    const from = byteArgument(cpSyncCopyDir, source, "src");
    const to = byteArgument(cpSyncCopyDir, target, "dest");
    const error = copyDirectory(disk, from, to, {
      force: force === true,
      dereference: dereference === true,
      errorOnExist: errorOnExist === true,
      verbatimSymlinks: verbatimSymlinks === true,
      preserveTimestamps: preserveTimestamps === true,
      fresh: false,
      copyFileMode: 0,
    });
    if (error !== undefined) throw error(cpSyncCopyDir);
  }

  return { cpSyncCheckPaths, cpSyncOverrideFile, cpSyncCopyDir };
}

/** `CpDirJob`: the copy behind `fs.cp` and `fsPromises.cp` to where nothing is yet. */
export function cpDirJob({ disk }: FsContext): JobClass {
  return class CpDirJob {
    declare ondone?: (...args: unknown[]) => void;
    readonly #operation: Operation;
    readonly #source: string;
    readonly #target: string;
    readonly #options: CpOptions;

    constructor(
      source: unknown,
      target: unknown,
      force: unknown,
      dereference: unknown,
      errorOnExist: unknown,
      verbatimSymlinks: unknown,
      preserveTimestamps: unknown,
      mode: unknown,
    ) {
      this.#source = byteArgument(CpDirJob, source, "src");
      this.#target = byteArgument(CpDirJob, target, "dest");
      this.#options = {
        force: force === true,
        dereference: dereference === true,
        errorOnExist: errorOnExist === true,
        verbatimSymlinks: verbatimSymlinks === true,
        preserveTimestamps: preserveTimestamps === true,
        fresh: true,
        copyFileMode: checkInteger(CpDirJob, mode, "mode"),
      };
      this.#operation = new Operation("FSREQCALLBACK", this);
    }

    run(): void {
      const error = copyDirectory(disk, this.#source, this.#target, this.#options);
      const exception = error === undefined ? null : error(undefined);
      finishJob(this, this.#operation, (job) => job.ondone(exception, undefined, undefined));
    }
  };
}

function byteArgument(from: Native, value: unknown, name: string): string {
  return toBytePath(checkPath(from, value, name));
}
