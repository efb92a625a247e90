import type { GuestEnv } from "../env.js";
import { compileBuiltin, type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { nothing } from "../nothing.js";
import { optionValue } from "../options.js";
import type { ProcessEnd } from "../process/end.js";
import { writeStdioText } from "../stdio.js";
import { loadEnvironmentFiles } from "./environment-files.js";
import { evaluation } from "./evaluation.js";
import { runPackageScript } from "./package-script.js";
import { useProxies } from "./proxies.js";
import type { ProgramModule } from "./unsettled-await.js";

const { NumberParseInt, ReflectDeleteProperty, ObjectDefineProperty, ObjectPrototype } = primordials;

/** What a program that is run as `node` stands on. */
export interface NodeParts {
  env: GuestEnv;
  end: ProcessEnd;
  loadEnvFile(path: string): void;
}

/** Which of Node's main scripts a command line leads to, in the order in which Node looks. */
export function mainScript(process: NodeJS.Process): string {
  const program = process.argv[1];
  if (optionValue("--help")) return "internal/main/print_help";
  if (optionValue("--check") && !optionValue("--interactive")) return "internal/main/check_syntax";
  if (isEvaluated()) return "internal/main/eval_string";
  if (optionValue("--test")) return "internal/main/test_runner";
  if (program !== undefined && program !== "" && program !== "-") return "internal/main/run_main_module";
  const terminal: boolean = requireBuiltin("tty").isatty(0);
  return optionValue("--interactive") || terminal ? "internal/main/repl" : "internal/main/eval_stdin";
}

function isEvaluated(): boolean {
  return optionValue("[has_eval_string]") === true && !optionValue("--interactive");
}

/** The module that the program begins with, as far as it can still be read. */
export function programModule(process: NodeJS.Process, evaluatedUrl: string): ProgramModule | undefined {
  if (isEvaluated()) return { code: optionValue("--eval"), url: evaluatedUrl };
  return fileModule(process.argv[1]);
}

/** The module in a file, as far as it can still be read. */
export function fileModule(file: string | undefined): ProgramModule | undefined {
  if (file === undefined) return undefined;
  try {
    const code: string = requireBuiltin("fs").readFileSync(file, "utf8");
    return { code, url: requireBuiltin("internal/url").pathToFileURL(file).href };
  } catch {
    return undefined;
  }
}

/** Runs what the command line names, by Node's own main script for it. */
export function runNode(process: NodeJS.Process, { env, end, loadEnvFile }: NodeParts): void {
  if (optionValue("--version")) {
    writeStdioText(env, 1, `${process.version}\n`);
    end.exit(0);
    return;
  }
  if (!loadEnvironmentFiles(env, end, loadEnvFile)) return;
  if (optionValue("[has_run]") === true) {
    runPackageScript(process, env, end, optionValue("--run"));
    return;
  }
  const instead: Internal = {
    __proto__: null,
    "internal/process/execution": evaluation(),
    "internal/process/pre_execution": {
      prepareMainThreadExecution: (expandArgument = false, initializeModules = true) =>
        prepareProgram(process, expandArgument, initializeModules),
      prepareTestRunnerMainExecution: (preloads: boolean) => prepareProgram(process, false, preloads),
      markBootstrapComplete: nothing,
    },
  };
  compileBuiltin(mainScript(process))(
    process,
    (id: string) => instead[id] ?? requireBuiltin(id),
    internalBinding,
    primordials,
  );
}

/** What Node does last before the program: the path of its file is made whole, and preloads run. */
function prepareProgram(
  process: NodeJS.Process,
  expandArgument: boolean,
  initializeModules: boolean,
): string | undefined {
  let mainEntry: string | undefined;
  const program = process.argv[1];
  if (expandArgument && program !== undefined && program !== "" && program[0] !== "-") {
    try {
      mainEntry = requireBuiltin("path").resolve(program) as string;
      process.argv[1] = mainEntry;
    } catch {
      // The working directory is gone: the program will not be found.
    }
  }
  restrictProto();
  useProxies(process.env);
  openChannel(process);
  joinCluster(process);
  if (initializeModules) preloadModules();
  return mainEntry;
}

/** What is to run before the program, and what it is to find changed. */
export function preloadModules(): void {
  const preloads: string[] = optionValue("--require");
  if (preloads.length > 0) requireBuiltin("internal/modules/cjs/loader").Module._preloadModules(preloads);
  if (!optionValue("--frozen-intrinsics")) return;
  requireBuiltin("internal/util").emitExperimentalWarning("Frozen intristics");
  requireBuiltin("internal/freeze_intrinsics")();
}

/** The channel to a parent that has forked this process. */
function openChannel({ env }: NodeJS.Process): void {
  const { NODE_CHANNEL_FD: fd, NODE_CHANNEL_SERIALIZATION_MODE: mode } = env;
  if (fd === undefined || fd === "") return;
  ReflectDeleteProperty(env, "NODE_CHANNEL_FD");
  ReflectDeleteProperty(env, "NODE_CHANNEL_SERIALIZATION_MODE");
  requireBuiltin("child_process")._forkChild(NumberParseInt(fd, 10), mode || "json");
}

/** Makes a process that `cluster` has forked one of its workers, before preloads as Node does. */
function joinCluster({ argv, env }: NodeJS.Process): void {
  const { NODE_UNIQUE_ID: id } = env;
  if (!argv[1] || id === undefined || id === "") return;
  requireBuiltin("cluster")._setupWorker();
  ReflectDeleteProperty(env, "NODE_UNIQUE_ID");
}

/** `--disable-proto`, of this global object alone. */
function restrictProto(): void {
  const mode: string = optionValue("--disable-proto");
  if (mode === "delete") ReflectDeleteProperty(ObjectPrototype, "__proto__");
  if (mode !== "throw") return;
  const { ERR_PROTO_ACCESS } = requireBuiltin("internal/errors").codes;
  function protoAccess(): never {
    throw new ERR_PROTO_ACCESS();
  }
  ObjectDefineProperty(ObjectPrototype, "__proto__", {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get: protoAccess,
    set: protoAccess,
  });
}
