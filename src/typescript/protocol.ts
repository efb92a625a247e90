/** What the host and the compiler's process in the guest say to each other: one line of JSON each. */

/** The directory of the compiler's declarations of the language. */
export const LIBRARIES = "/node_modules/typescript/lib";
/** The file that declares what programs of a guest have beyond those of Node. */
export const GLOBALS = "/node_modules/secure-exec/globals.d.ts";

/** The first line: all that the compiler consists of. */
export interface Outfit {
  /** The script of the TypeScript package. */
  compiler: string;
  /**
   * Absolute paths to the text of files that are nowhere on the disk. They are packages of its root, where they
   * are found last: a project's own come first.
   */
  files: Record<string, string>;
}

/** A program to be looked at. */
export interface Job {
  id: number;
  /** Files over those of the disk, by absolute path. */
  files: Record<string, string>;
  /** The settings: a tsconfig.json of the files or of the disk, or a directory that has one; or what one would say. */
  config: { path: string } | { directory: string; content: object };
  /** Files with the extension `.ts` or `.tsx` among those above are ES modules, whatever packages say. */
  modules: boolean;
  /** Where output goes. */
  emit: "nowhere" | "answer" | "disk";
}

/** How grave a diagnostic is. */
export type DiagnosticCategory = "error" | "warning" | "suggestion" | "message";

/** Something that the compiler has to say about a program. */
export interface Diagnostic {
  /** The file, absent for what is about no file. */
  file?: string | undefined;
  /** Line and column from 1 on, in UTF-16 units; absent where there is no place. */
  line?: number | undefined;
  column?: number | undefined;
  /** Its number, without the letters TS. */
  code: number;
  category: DiagnosticCategory;
  message: string;
}

/** A file that the compiler has made. */
export interface OutputFile {
  path: string;
  content: string;
}

/** What becomes of a job. */
export type Answer =
  | {
      id: number;
      diagnostics: Diagnostic[];
      /** Diagnostics that were left out. */
      omitted: number;
      files: OutputFile[];
    }
  /** The program is too large, or the compiler itself has failed. */
  | { id: number; failure: "size" | "crash"; message: string };
