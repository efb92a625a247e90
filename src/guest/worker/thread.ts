import type { FdTable, ProcessCredentials } from "../../syscall/process-page.js";
import { evaluation } from "../entry/evaluation.js";
import { exposeGc } from "../entry/garbage-collection.js";
import { fileModule, preloadModules } from "../entry/node-program.js";
import { type ProgramModule, warnOfUnsettledAwait } from "../entry/unsettled-await.js";
import type { GuestEnv } from "../env.js";
import { exposeInternals } from "../hide-internals.js";
import {
  compileBuiltin,
  type Internal,
  internalBinding,
  primordials,
  requireBuiltin,
  runBootstrapScript,
} from "../internals.js";
import type { ThreadStartMessage } from "../kernel-port.js";
import { nothing } from "../nothing.js";
import { optionValue, setOptions } from "../options.js";
import type { ProcessClock } from "../process/clock.js";
import type { ProcessEnd } from "../process/end.js";
import { identifyProcess } from "../process/object.js";
import type { ProcessUsage } from "../process/usage.js";
import type { ProcessState } from "../process-state.js";
import type { Birth } from "./birth.js";
import type { UnmanagedFiles } from "./unmanaged-files.js";
import type { ThreadVariables } from "./variables.js";

const { receiveMessageOnPort } = internalBinding("messaging");
const { isSharedArrayBuffer } = internalBinding("types");
const io = requireBuiltin("internal/worker/io");
const { kWaitingStreams, ReadableWorkerStdio, WritableWorkerStdio } = io;

/** What a booted thread consists of that is the process's, not its own. */
export interface ThreadParts {
  env: GuestEnv;
  end: ProcessEnd;
  state: ProcessState;
  cred: ProcessCredentials;
  fds: FdTable;
  unmanaged: UnmanagedFiles;
  clock: ProcessClock;
  usage: ProcessUsage;
  process: NodeJS.Process;
  variables: ThreadVariables;
  /** The id that descriptors of this thread are kept under. */
  owner: number;
  /** Called before any of the program runs. */
  prepared(): void;
}

/**
 * Makes this booted thread another thread of a running process, and runs Node's own script of workers in it,
 * which waits for what its parent has to say about the program.
 */
export function runWorker({ processPage, thread, execPath }: ThreadStartMessage, parts: ThreadParts): void {
  const { state, cred, fds, unmanaged, clock, usage, process, variables, owner } = parts;
  const port: Internal = thread.port;
  const birth: Birth = receiveMessageOnPort(port);
  state.threadId = thread.id;
  fds.adopt(processPage);
  cred.adopt(processPage);
  unmanaged.begin(owner, birth.trackFds);
  clock.follow(birth.clock);
  usage.restart();

  const binding = internalBinding("worker");
  binding["isMainThread"] = false;
  binding["isInternalThread"] = birth.internal;
  binding["ownsProcessState"] = false;
  binding["threadId"] = thread.id;
  binding["threadName"] = birth.name;
  binding["resourceLimits"] = birth.limits;
  binding["getEnvMessagePort"] = () => port;
  io.createWorkerStdio = () => createStdio(port);
  runBootstrapScript("internal/bootstrap/switches/is_not_main_thread");
  runBootstrapScript("internal/bootstrap/switches/does_not_own_process_state");

  setOptions(thread.options);
  const { ppid, pid } = state;
  const isShared = isSharedArrayBuffer(birth.env);
  if (isShared) variables.join(birth.env as SharedArrayBuffer);
  const env = isShared ? {} : (birth.env as Record<string, string>);
  identifyProcess(process, { ppid, pid, execPath, args: [], env, execArgv: thread.execArgv }, true);
  if (thread.exposeGc) exposeGc();
  if (optionValue("--expose-internals")) exposeInternals();
  parts.prepared();
  runMain(parts);
}

/** As Node makes them, on the port of this thread. */
function createStdio(port: Internal): Record<string, Internal> {
  port[kWaitingStreams] = 0;
  return {
    stdin: new ReadableWorkerStdio(port, "stdin"),
    stdout: new WritableWorkerStdio(port, "stdout"),
    stderr: new WritableWorkerStdio(port, "stderr"),
  };
}

/** Node's own script, but for the preparations that the boot has made already. */
function runMain({ env, end, process }: ThreadParts): void {
  const execution = evaluation();
  let evaluated: ProgramModule | undefined;
  warnOfUnsettledAwait(env, end, () => evaluated ?? fileModule(process.argv[1]));
  const preparation = requireBuiltin("internal/process/pre_execution");
  const instead: Internal = {
    __proto__: null,
    "internal/process/execution": {
      __proto__: null,
      ...execution,
      evalModuleEntryPoint: (code: string) => {
        evaluated = { code, url: `${requireBuiltin("internal/util").getCWDURL().href}[eval1]` };
        return execution.evalModuleEntryPoint(code);
      },
    },
    "internal/process/pre_execution": {
      __proto__: null,
      ...preparation,
      prepareWorkerThreadExecution: nothing,
      initializeModuleLoaders: (options: { shouldPreloadModules: boolean }) => {
        preparation.initializeModuleLoaders({ ...options, shouldPreloadModules: false });
        if (options.shouldPreloadModules) preloadModules();
      },
      markBootstrapComplete: nothing,
    },
  };
  compileBuiltin("internal/main/worker_thread")(
    process,
    (id: string) => instead[id] ?? requireBuiltin(id),
    internalBinding,
    primordials,
  );
}
