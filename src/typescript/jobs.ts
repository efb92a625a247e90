import { posix } from "node:path";
import { InvalidOptionError } from "../errors/invalid-option-error.js";
import { checkTimeout } from "../runtime/options/call-options.js";
import {
  checkAbortSignal,
  checkBoolean,
  checkBytes,
  checkText,
  isRecord,
  readFields,
  refuse,
} from "../runtime/options/checks.js";
import { checkFilePath, checkGuestPath } from "../runtime/options/guest-path.js";
import type { Job } from "./protocol.js";
import type { Patience } from "./resident-compiler.js";

/** Bytes of all sources that are handed over. */
const MAX_SOURCES = 32 * 1024 * 1024;
const MAX_FILES = 10_000;
const DEFAULT_TIMEOUT = 60_000;
const HOME = "/home/user";

const sourceFile = /\.[cm]?tsx?$|\.d\.[cm]?ts$/;

/** What Node 26 makes of a program: these settings let through what runs, and complain of what doesn't. */
const defaults = {
  strict: true,
  target: "esnext",
  lib: ["esnext"],
  module: "nodenext",
  moduleDetection: "force",
  types: ["node"],
  jsx: "react-jsx",
  resolveJsonModule: true,
  rewriteRelativeImportExtensions: true,
  skipLibCheck: true,
  verbatimModuleSyntax: true,
};

/** A job for the compiler, when to give it up, and the directory that its answer is relative to. */
export interface CheckedJob {
  job: Omit<Job, "id">;
  patience: Patience;
  /** Null where paths of the answer are absolute. */
  directory: string | null;
  /** The name of the one source, where there is one. */
  fileName: string;
}

const patienceKeys = ["timeout", "signal"] as const;
const sourceKeys = ["cwd", "fileName", "compilerOptions", ...patienceKeys] as const;

/** One source, or several with their settings. Throws InvalidOptionError. */
export function checkSources(program: unknown, options: unknown, emit: Job["emit"]): CheckedJob {
  const given = readFields(options, "options", sourceKeys);
  const directory = given.cwd === undefined ? HOME : checkGuestPath(given.cwd, "cwd");
  const patience = checkPatience(given);
  if (typeof program === "string") {
    const fileName = given.fileName === undefined ? "index.ts" : checkFileName(given.fileName);
    const files = checkFiles({ [fileName]: program }, directory);
    const config = { directory, content: settings(files, given.compilerOptions) };
    return { job: { files, config, modules: true, emit }, patience, directory, fileName };
  }
  if (!isRecord(program)) refuse("program", "source text, or an object with files", program);
  if (given.fileName !== undefined) refuse("fileName", "absent where there are files", given.fileName);
  const { files: named, tsconfig } = readFields(program, "program", ["files", "tsconfig"], "program.");
  const files = checkFiles(named, directory);
  const job = { files, config: checkConfig(tsconfig, given.compilerOptions, files, directory), emit };
  return { job: { ...job, modules: tsconfig === undefined }, patience, directory, fileName: "" };
}

/** A project on the disk. Throws InvalidOptionError. */
export function checkProjectJob(path: unknown, options: unknown, emits: boolean): CheckedJob {
  const keys = emits ? (["write", ...patienceKeys] as const) : patienceKeys;
  const given: Partial<Record<"write" | (typeof patienceKeys)[number], unknown>> = readFields(
    options,
    "options",
    keys,
  );
  const writes = given.write === undefined ? true : checkBoolean(given.write, "write");
  const config = { path: posix.resolve(checkGuestPath(path, "path")) };
  const emit = !emits ? "nowhere" : writes ? "disk" : "answer";
  return {
    job: { files: {}, config, modules: false, emit },
    patience: checkPatience(given),
    directory: null,
    fileName: "",
  };
}

function checkPatience(given: { timeout?: unknown; signal?: unknown }): Patience {
  return {
    timeout: given.timeout === undefined ? DEFAULT_TIMEOUT : checkTimeout(given.timeout),
    signal: given.signal === undefined ? undefined : checkAbortSignal(given.signal, "signal"),
  };
}

function checkFileName(value: unknown): string {
  const name = checkText(value, "fileName");
  return sourceFile.test(name)
    ? name
    : refuse("fileName", "a name that ends in .ts, .mts, .cts or .tsx", value);
}

function checkFiles(value: unknown, directory: string): Record<string, string> {
  if (!isRecord(value)) refuse("program.files", "an object of names and their text", value);
  const names = Object.keys(value);
  if (names.length === 0 || names.length > MAX_FILES)
    refuse("program.files", `an object of 1 to ${MAX_FILES} files`, value);
  const files: Record<string, string> = {};
  let left = MAX_SOURCES;
  for (const name of names) {
    const key = `program.files[${JSON.stringify(name)}]`;
    const text = value[name];
    if (typeof text !== "string") refuse(key, "text", text);
    left -= checkBytes(text, key, MAX_SOURCES).length;
    if (left < 0) {
      throw new InvalidOptionError({
        key: "program.files",
        expected: `at most ${MAX_SOURCES} bytes together`,
      });
    }
    files[checkFilePath(posix.resolve(directory, name), key)] = text;
  }
  return files;
}

function checkConfig(
  tsconfig: unknown,
  options: unknown,
  files: Record<string, string>,
  directory: string,
): Job["config"] {
  if (tsconfig === undefined) return { directory, content: settings(files, options) };
  if (options !== undefined) refuse("compilerOptions", "absent where there is a tsconfig", options);
  if (typeof tsconfig === "string")
    return { path: checkFilePath(posix.resolve(directory, tsconfig), "program.tsconfig") };
  if (!isRecord(tsconfig)) refuse("program.tsconfig", "the name of a file, or what one would say", tsconfig);
  const named = "files" in tsconfig || "include" in tsconfig ? {} : { files: sources(files) };
  return { directory, content: { ...named, ...tsconfig } };
}

function settings(files: Record<string, string>, options: unknown): object {
  if (options !== undefined && !isRecord(options)) refuse("compilerOptions", "an object", options);
  return { compilerOptions: { ...defaults, ...options }, files: sources(files) };
}

function sources(files: Record<string, string>): string[] {
  return Object.keys(files).filter((path) => sourceFile.test(path));
}
