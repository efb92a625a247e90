import { posix } from "node:path";
import type ts from "typescript";
import { type Answer, GLOBALS, type Job, LIBRARIES, type OutputFile } from "../protocol.js";
import { describeAll } from "./findings.js";
import { readSettings } from "./settings.js";
import { SizeError, SourceCache } from "./source-cache.js";
import { VirtualFiles } from "./virtual-files.js";

/** Characters of all output of one program. */
const MAX_OUTPUT = 8 * 1024 * 1024;

/** The compiler, which keeps what it has read from one program to the next. */
export class Compiler {
  readonly #typescript: typeof ts;
  readonly #own: VirtualFiles;
  readonly #sources: SourceCache;
  #before: ts.Program | undefined;

  constructor(typescript: typeof ts, files: Record<string, string>) {
    this.#typescript = typescript;
    this.#own = new VirtualFiles(files, typescript.sys);
    this.#sources = new SourceCache(typescript);
  }

  /** Does a job. What fails of the program is told; what fails of the compiler too. */
  do(job: Job): Answer {
    try {
      return this.#compile(job);
    } catch (error) {
      this.#before = undefined;
      const message = error instanceof Error ? error.message : String(error);
      return { id: job.id, failure: error instanceof SizeError ? "size" : "crash", message };
    }
  }

  #compile(job: Job): Answer {
    const typescript = this.#typescript;
    const files = new VirtualFiles(job.files, this.#own);
    const settings = readSettings(typescript, files, job.config);
    // Nothing to look at: what there is to say is why.
    if (settings.fileNames.length === 0) {
      return { id: job.id, ...describeAll(typescript, settings.errors), files: [] };
    }
    const options = {
      // The compiler's own declarations are as they are: to check them takes seconds.
      skipDefaultLibCheck: true,
      ...settings.options,
      ...(job.emit === "nowhere" ? { noEmit: true } : {}),
    };
    if (!this.#sources.begin(JSON.stringify([options, job.modules]))) this.#before = undefined;
    const program = typescript.createProgram({
      rootNames: [...settings.fileNames, GLOBALS],
      options,
      host: this.#host(options, files, job),
      ...(this.#before === undefined ? {} : { oldProgram: this.#before }),
      configFileParsingDiagnostics: typescript.getConfigFileParsingDiagnostics(settings),
      ...(settings.projectReferences === undefined ? {} : { projectReferences: settings.projectReferences }),
    });
    this.#before = program;
    const found = [...typescript.getPreEmitDiagnostics(program)];
    const output: OutputFile[] = [];
    if (job.emit !== "nowhere") {
      const { diagnostics } = program.emit(undefined, this.#writer(output, job.emit === "disk" && options));
      found.push(...diagnostics);
    }
    return { id: job.id, ...describeAll(typescript, found), files: output };
  }

  #host(options: ts.CompilerOptions, files: VirtualFiles, { modules }: Job): ts.CompilerHost {
    const typescript = this.#typescript;
    return {
      fileExists: files.fileExists,
      readFile: files.readFile,
      directoryExists: files.directoryExists,
      getDirectories: files.getDirectories,
      realpath: files.realpath,
      getCurrentDirectory: () => typescript.sys.getCurrentDirectory(),
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      getDefaultLibLocation: () => LIBRARIES,
      getDefaultLibFileName: () => posix.join(LIBRARIES, typescript.getDefaultLibFileName(options)),
      writeFile: () => {},
      getSourceFile: (path, given) => {
        const text = files.readFile(path);
        if (text === undefined) return undefined;
        const how = typeof given === "object" ? given : { languageVersion: given };
        const isModule = modules && files.has(path) && /\.tsx?$/.test(path) && !path.endsWith(".d.ts");
        const format = isModule ? ({ impliedNodeFormat: typescript.ModuleKind.ESNext } as const) : {};
        return this.#sources.get(path, text, { ...how, ...format }, this.#own.has(path));
      },
    };
  }

  #writer(output: OutputFile[], disk: ts.CompilerOptions | false): ts.WriteFileCallback {
    const write = disk ? this.#typescript.createCompilerHost(disk).writeFile : () => {};
    let left = MAX_OUTPUT;
    return (path, content, byteOrderMark) => {
      left -= content.length;
      if (left < 0) throw new SizeError(`The program's output has more than ${MAX_OUTPUT} characters`);
      output.push({ path, content });
      write(path, content, byteOrderMark);
    };
  }
}
