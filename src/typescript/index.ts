export { CompilerStoppedError, type CompilerStopReason } from "../errors/compiler-stopped-error.js";
export { CompilerUnavailableError } from "../errors/compiler-unavailable-error.js";
export type { Diagnostic, DiagnosticCategory, OutputFile } from "./protocol.js";
export type {
  CheckResult,
  CompiledProject,
  CompiledSource,
  CompileProjectOptions,
  CompilerOptions,
  JobOptions,
  SourceFiles,
  SourceOptions,
} from "./types.js";
export { TypeScriptCompiler } from "./typescript-compiler.js";
