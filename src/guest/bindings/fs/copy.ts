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
export function copyFunctions(context: FsContext): BindingFunctions {
  const { disk } = context;
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

  function cpSyncCopyDir(...args: unknown[]): void {
    const { source, target, options } = cpArguments(cpSyncCopyDir, args, false);
    const error = copyDirectory(context, source, target, options);
    if (error !== undefined) throw error(cpSyncCopyDir);
  }

  return { cpSyncCheckPaths, cpSyncOverrideFile, cpSyncCopyDir };
}

/** `CpDirJob`: the copy behind `fs.cp` and `fsPromises.cp` to where nothing is yet. */
export function cpDirJob(context: FsContext): JobClass {
  return class CpDirJob {
    declare ondone?: (...args: unknown[]) => void;
    readonly #operation: Operation;
    readonly #copy: CpArguments;

    constructor(...args: unknown[]) {
      this.#copy = cpArguments(CpDirJob, args, true);
      this.#operation = new Operation("FSREQCALLBACK", this);
    }

    run(): void {
      const { source, target, options } = this.#copy;
      const error = copyDirectory(context, source, target, options);
      const exception = error === undefined ? null : error(undefined);
      finishJob(this, this.#operation, (job) => {
        if (error?.pipe !== undefined) job.ondone(null, "fifo", error.pipe);
        else job.ondone(exception, undefined, undefined);
      });
    }
  };
}

interface CpArguments {
  readonly source: string;
  readonly target: string;
  readonly options: CpOptions;
}

/** Two paths and five flags; a copy to where nothing is yet takes a mode too. */
function cpArguments(from: Native, args: readonly unknown[], fresh: boolean): CpArguments {
  return {
    source: byteArgument(from, args[0], "src"),
    target: byteArgument(from, args[1], "dest"),
    options: {
      force: args[2] === true,
      dereference: args[3] === true,
      errorOnExist: args[4] === true,
      verbatimSymlinks: args[5] === true,
      preserveTimestamps: args[6] === true,
      fresh,
      copyFileMode: fresh ? checkInteger(from, args[7], "mode") : 0,
    },
  };
}

function byteArgument(from: Native, value: unknown, name: string): string {
  return toBytePath(checkPath(from, value, name));
}
