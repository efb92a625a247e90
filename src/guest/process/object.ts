import {
  type Internal,
  internalBinding,
  primordials,
  requireBuiltin,
  runBootstrapScript,
} from "../internals.js";
import type { StartMessage } from "../kernel-port.js";
import { optionValue } from "../options.js";

const { ObjectDefineProperty, ObjectKeys, ReflectApply, ReflectDeleteProperty } = primordials;

const ownPath = "/usr/local/bin/node";

/** Methods of `process` that the natives of `process_methods` are, as they are. */
const rawMethods = [
  ...[
    "dlopen",
    "uptime",
    "_getActiveHandles",
    "_getActiveRequests",
    "getActiveResourcesInfo",
    "reallyExit",
    "_kill",
  ],
  ...["constrainedMemory", "availableMemory"],
];
const wrappedMethods = [
  ...["_rawDebug", "cpuUsage", "threadCpuUsage", "resourceUsage", "memoryUsage"],
  ...["kill", "exit", "execve", "loadEnvFile"],
];
const credentialGetters = ["getuid", "geteuid", "getgid", "getegid", "getgroups"];

/** Names that the loader of worker scripts leaves on the global object. */
const scriptGlobals = ["require", "module", "exports", "__filename", "__dirname"];

/** A method with the name that a native has, its length of 0 and no prototype. */
function likeNative(name: string, run: (...args: never[]) => unknown): Internal {
  const methods: Internal = {
    [name](this: unknown) {
      // biome-ignore lint/complexity/noArguments: a rest parameter is an array with the guest's iterator.
      return ReflectApply(run, this, arguments);
    },
  };
  return methods[name];
}

/** Makes `process` the object that a main thread has, on the bindings as they are now. */
export function installProcess(process: NodeJS.Process): void {
  const target = process as Internal;
  const binding = internalBinding("process_methods");
  for (const name of rawMethods) target[name] = likeNative(name, binding[name]);
  const wrapped = requireBuiltin("internal/process/per_thread").wrapProcessMethods(binding);
  for (const name of wrappedMethods) target[name] = wrapped[name];
  const credentials = internalBinding("credentials");
  for (const name of credentialGetters) target[name] = likeNative(name, credentials[name]);

  // Its listeners start signal handles; the worker's own were taken off by `is_not_main_thread`.
  runBootstrapScript("internal/bootstrap/switches/does_own_process_state");
  runBootstrapScript("internal/bootstrap/switches/is_main_thread");

  // A worker inherits that its machine prints no warnings; the program's own environment decides.
  process.removeAllListeners("warning");
  ReflectDeleteProperty(target, "noProcessWarnings");

  ReflectDeleteProperty(target, "_eval");
  for (const name of scriptGlobals) ReflectDeleteProperty(globalThis, name);

  define(target, "execPath", ownPath);
  define(target, "title", "node");
  define(target, "debugPort", 9229);
}

/** What `process` shows of its process. */
export type ProcessIdentity = Pick<StartMessage, "pid" | "ppid" | "execPath" | "args" | "execArgv" | "env">;

/** Gives `process` what it shows of its process. */
export function identifyProcess(
  process: NodeJS.Process,
  message: ProcessIdentity,
  hasOptions: boolean,
): void {
  const target = process as Internal;
  const { args, env, execPath } = message;
  const argv = [execPath];
  for (let i = 0; i < args.length; i++) primordials.ArrayPrototypePush(argv, args[i]);
  define(target, "argv", argv);
  define(target, "execPath", execPath);
  define(target, "execArgv", message.execArgv);
  define(target, "ppid", message.ppid);
  if (hasOptions) adoptOptions(target);
  ObjectDefineProperty(target, "pid", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: false,
    value: message.pid,
  });
  const names = ObjectKeys(env);
  for (let i = 0; i < names.length; i++) process.env[names[i]] = env[names[i]];
  heedEnvironment(process);
}

interface OptionAlias {
  name: string;
  option: string;
}

/** Properties that tell the value of an option, as Node's main thread gets them. */
const optionAliases: readonly OptionAlias[] = [
  { name: "_eval", option: "--eval" },
  { name: "_print_eval", option: "--print" },
  { name: "_syntax_check_only", option: "--check" },
  { name: "_forceRepl", option: "--interactive" },
  { name: "_preload_modules", option: "--require" },
  { name: "noProcessWarnings", option: "--no-warnings" },
];

/** Gives `process` what it has of a command line's options. */
function adoptOptions(target: object): void {
  for (let i = 0; i < optionAliases.length; i++) {
    const { name, option } = optionAliases[i] as OptionAlias;
    const value = optionValue(option);
    if (value === undefined || value === false || value === "") continue;
    ObjectDefineProperty(target, name, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      writable: false,
      value,
    });
  }
  const title: string = optionValue("--title");
  if (title !== "") define(target, "title", title);
  const limit: number = optionValue("--stack-trace-limit");
  if (limit > 0) Error.stackTraceLimit = limit;
}

/** What Node takes from the environment when a main thread begins. */
function heedEnvironment(process: NodeJS.Process): void {
  if (optionValue("--warnings") && process.env["NODE_NO_WARNINGS"] !== "1")
    process.on("warning", requireBuiltin("internal/process/warning").onWarning);
  // A spare has asked before its environment was known.
  if (process.env["FORCE_COLOR"] !== undefined) requireBuiltin("internal/util/colors").refresh();
  const debug = process.env["NODE_DEBUG"];
  if (debug !== undefined) requireBuiltin("internal/util/debuglog").initializeDebugEnv(debug);
  requireBuiltin("internal/modules/cjs/loader").Module._initPaths();
}

function define(target: object, name: string, value: unknown): void {
  ObjectDefineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  });
}
