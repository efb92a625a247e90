import { posix } from "node:path";
import type ts from "typescript";
import type { Job } from "../protocol.js";
import type { VirtualFiles } from "./virtual-files.js";

/** How the compiler finds a project's files; it has no declaration of it. */
type MatchFiles = (
  path: string,
  extensions: readonly string[] | undefined,
  excludes: readonly string[] | undefined,
  includes: readonly string[] | undefined,
  caseSensitive: boolean,
  directory: string,
  depth: number | undefined,
  entries: (path: string) => { files: string[]; directories: string[] },
  realpath: (path: string) => string,
) => string[];

/** What a job's program consists of, and what is wrong with what says so. */
export function readSettings(
  typescript: typeof ts,
  files: VirtualFiles,
  config: Job["config"],
): ts.ParsedCommandLine {
  const { matchFiles } = typescript as unknown as { matchFiles: MatchFiles };
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: true,
    fileExists: files.fileExists,
    readFile: files.readFile,
    readDirectory: (root, extensions, excludes, includes, depth) =>
      matchFiles(
        root,
        extensions,
        excludes,
        includes,
        true,
        "/",
        depth,
        (p) => files.entries(p),
        files.realpath,
      ),
  };
  if ("content" in config)
    return typescript.parseJsonConfigFileContent(
      config.content,
      host,
      config.directory,
      undefined,
      undefined,
    );
  const { path } = config;
  return readFile(typescript, host, files.directoryExists(path) ? posix.join(path, "tsconfig.json") : path);
}

/** A file that is missing or malformed is a diagnostic of the result. */
function readFile(typescript: typeof ts, host: ts.ParseConfigHost, path: string): ts.ParsedCommandLine {
  const source = typescript.readJsonConfigFile(path, host.readFile);
  if (host.fileExists(path))
    return typescript.parseJsonSourceFileConfigFileContent(
      source,
      host,
      posix.dirname(path),
      undefined,
      path,
    );
  const { parseDiagnostics } = source as ts.TsConfigSourceFile & { parseDiagnostics: ts.Diagnostic[] };
  return { options: {}, fileNames: [], errors: parseDiagnostics };
}
