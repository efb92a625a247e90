import type { GuestEnv } from "../../env.js";
import type { OpenFiles } from "../../files.js";
import type { Internal } from "../../internals.js";
import type { Loop } from "../loop-handle.js";
import { attributeFunctions } from "./attributes.js";
import type { FsContext } from "./context.js";
import { copyFunctions, cpDirJob } from "./copy.js";
import { fileHandleClass } from "./file-handle.js";
import { readFileJob, writeFileJob } from "./file-jobs.js";
import { makeDirectoryFunctions } from "./make-directory.js";
import { moduleFunctions } from "./module-files.js";
import { nameFunctions } from "./names.js";
import { openFunctions } from "./open.js";
import { readFunctions } from "./read.js";
import { readDirectoryFunctions } from "./read-directory.js";
import { removeFunctions } from "./remove.js";
import { FSReqCallback } from "./request.js";
import { statFunctions } from "./stat.js";
import { statWatcherClass } from "./stat-watcher.js";
import { utf8FileFunctions } from "./utf8-files.js";
import { writeFunctions } from "./write.js";

/** All that the `fs` binding does, on the machine's disk: every key but its constants and arrays. */
export function fsBinding(env: GuestEnv, files: OpenFiles, loop: Loop): Record<string, Internal> {
  const context: FsContext = { env, disk: env.disk, files };
  const stats = statFunctions(context);
  const FileHandle = fileHandleClass(files);
  return {
    ...stats,
    ...openFunctions(context, FileHandle),
    ...readFunctions(context),
    ...writeFunctions(context),
    ...utf8FileFunctions(context),
    ...nameFunctions(context),
    ...attributeFunctions(context),
    ...makeDirectoryFunctions(context),
    ...readDirectoryFunctions(context),
    ...removeFunctions(context),
    ...copyFunctions(context),
    ...moduleFunctions(context, stats["internalModuleStat"] as (path: string) => number),
    FileHandle,
    FSReqCallback,
    ReadFileJob: readFileJob(context),
    WriteFileJob: writeFileJob(context),
    CpDirJob: cpDirJob(context),
    StatWatcher: statWatcherClass(context, loop),
  };
}
