/**
 * The boot of a guest thread: the real Node of a worker thread becomes one that stands on our bindings.
 *
 * It runs to its end before any guest program is known; what differs between processes comes with the
 * start message. From then on nothing here may touch what a program can have changed.
 */
import process from "node:process";
import { type MessagePort, workerData } from "node:worker_threads";
import type { DiskMemory } from "../disk/disk.js";
import { GATE, GuestChannel } from "../syscall/channel.js";
import { SYS_BRING } from "../syscall/numbers.js";
import { FdTable, HandledSignals, ProcessCredentials } from "../syscall/process-page.js";
import { hideBootResources, runMainScript } from "./async-resources.js";
import { Names } from "./bindings/cares/names.js";
import { guessHandleType } from "./bindings/descriptors.js";
import { fileBindings } from "./bindings/file-bindings.js";
import { pipeWrap } from "./bindings/pipe-wrap.js";
import { signalWrap } from "./bindings/signal-wrap.js";
import { processCalls } from "./bindings/wasi/process-calls.js";
import { replacements } from "./bindings.js";
import { releaseCaptured } from "./captured.js";
import { createChildProcesses } from "./child/process-wrap.js";
import { fetchedLate } from "./classification.js";
import { collectGarbage } from "./collect-garbage.js";
import { deny } from "./denied.js";
import { createDirectories } from "./directories.js";
import { runCommand } from "./entry/command.js";
import { evaluateEntry } from "./entry/evaluate.js";
import { exposeGc } from "./entry/garbage-collection.js";
import { programModule, runNode } from "./entry/node-program.js";
import { installRequire } from "./entry/require.js";
import { Resident } from "./entry/resident.js";
import { installReturn } from "./entry/return-value.js";
import { warnOfUnsettledAwait } from "./entry/unsettled-await.js";
import type { GuestEnv } from "./env.js";
import { GuestDisk } from "./guest-disk.js";
import { exposeInternals, hideInternals } from "./hide-internals.js";
import { internalBinding, requireBuiltin } from "./internals.js";
import {
  type Complaint,
  type Identity,
  interceptPort,
  type KernelMessage,
  KernelPort,
  type StartMessage,
  type ThreadStartMessage,
} from "./kernel-port.js";
import { nothing } from "./nothing.js";
import { installOptions, optionValue, setOptions } from "./options.js";
import { Permissions } from "./permissions.js";
import { preload, warmUp } from "./preload.js";
import { Proc } from "./proc/proc.js";
import { createClock } from "./process/clock.js";
import { createEnd } from "./process/end.js";
import { installFatalHandler } from "./process/fatal.js";
import { createActiveHandles } from "./process/handles.js";
import { createKill } from "./process/kill.js";
import { createLoadEnvFile } from "./process/load-env-file.js";
import { identifyProcess, installProcess } from "./process/object.js";
import { createUsage } from "./process/usage.js";
import { adoptProcessState, createProcessState } from "./process-state.js";
import { hideBootFrames } from "./stack-traces.js";
import { BindingSwap } from "./swap.js";
import { GuestTerminal } from "./terminal.js";
import { trustCertificate } from "./trust.js";
import { adoptDialect } from "./typescript/dialect.js";
import { createChildren } from "./worker/handle.js";
import { runWorker } from "./worker/thread.js";
import { UnmanagedFiles } from "./worker/unmanaged-files.js";
import { ThreadVariables } from "./worker/variables.js";

/** How long nobody may have wanted this thread before it tidies up, in milliseconds. */
const QUIET = 500;

/** The script that this is: see `guestLoader`. */
declare const script: { createCachedData(): Uint8Array; cachedDataRejected?: boolean };

/** What the kernel hands to the thread as it creates it. */
interface Given {
  disk: DiskMemory;
  threadPage: SharedArrayBuffer;
  processPage: SharedArrayBuffer;
  port: MessagePort;
  owner: number;
}

const { disk: memory, threadPage, processPage, port: kernelPort, owner } = workerData as Given;
const { clearTimeout, setImmediate, setTimeout } = requireBuiltin("timers");

const state = createProcessState();
const cred = new ProcessCredentials(processPage);
const channel = new GuestChannel(threadPage, () => port.post(0));
const fds = new FdTable(processPage);
const owned = { id: owner, gate: channel.control, gateIndex: GATE };
const disk: GuestDisk = new GuestDisk(memory, owned, cred, {
  leaves: true,
  bring: (inode, name) => channel.call(SYS_BRING, inode, name, disk.result, disk.remote()),
});
const directories = createDirectories(disk, cred);
const permissions = new Permissions(channel);
const unmanaged = new UnmanagedFiles(fds, process);
const env: GuestEnv = {
  disk,
  cred,
  fds,
  unmanaged,
  channel,
  ...directories,
  permits: permissions.permits,
  terminal: new GuestTerminal(channel),
};
const environment = process.env;

// Node's own port to the thread that made this one, whose messages are about stdio that is gone by now.
interceptPort(internalBinding("worker")["getEnvMessagePort"](), nothing);
const handles = createActiveHandles();
const port = new KernelPort(kernelPort, receive);
const { binding: signalBinding, signals } = signalWrap(new HandledSignals(processPage), port, handles);
const clock = createClock();
const usage = createUsage(state);
disk.createProc = () => new Proc(env, state, usage, owner);
const end = createEnd(env, state, process);
const kill = createKill(env, state, signals, end);
const variables = new ThreadVariables(process);
const children = createChildren({ env, cred, port, clock, variables });
const handleType = (fd: number) => guessHandleType(env, fd);
const loop = { port, events: handles };
const childProcesses = createChildProcesses(env, loop);

const names = new Names(env, port);

const swap = new BindingSwap(
  replacements(env, {
    state,
    port,
    events: handles,
    environment,
    handleType,
    files: fileBindings(
      env,
      loop,
      processCalls({ clock, usage, exit: end.exit, raise: (signal) => kill(state.pid, signal) }),
    ),
    pipeWrap: pipeWrap(env, port, handles),
    processWrap: childProcesses.binding,
    names,
    signalWrap: signalBinding,
    Worker: children.Worker,
    parts: {
      clock,
      usage,
      end,
      kill,
      loadEnvFile: (path) => loadEnvFile(path),
      activeHandles: handles.list,
      activeRequests: handles.requests,
      activeResources: handles.names,
    },
  }),
);
swap.changeLoaded(process, fetchedLate);
swap.takeOver(process);
releaseCaptured(state, handleType);
// It reads a key from a URL, for OpenSSL to open the file by itself.
requireBuiltin("internal/url").getURLHref = deny("a crypto key from a URL");
const loadEnvFile = createLoadEnvFile(variables);

installProcess(process);
installFatalHandler(env, end, process);
hideBootFrames();
hideBootResources();
installOptions();
preload();
hideInternals(process);
port.ref();
port.post({ t: "ready" });
// A thread that is wanted at once has no time for it.
let preparing = setTimeout(() => {
  warmUp(env, port, handles);
  // Without a cache that fits, later threads need not compile again what has run by now.
  if (script.cachedDataRejected !== false) port.post({ t: "cache", bytes: script.createCachedData() });
  preparing = setTimeout(collectGarbage, QUIET);
}, 5);

const resident = new Resident({ env, port, handles, end, process });

function receive(message: KernelMessage): void {
  switch (message.t) {
    case "start":
      if (message["thread"] === undefined) start(message as unknown as StartMessage);
      else startThread(message as unknown as ThreadStartMessage);
      break;
    case "threadEnd":
    case "answer":
      children.receive(message);
      break;
    case "child":
    case "childStopped":
      childProcesses.receive(message);
      break;
    case "snippet":
      resident.receive(message["code"] as string, message["filePath"] as string | null);
      break;
    case "resolved":
      names.receive(message);
      break;
    case "signal":
      signals.raise(message["signal"] as number, true);
      break;
    case "terminal":
      env.terminal.receive();
      break;
    case "rest":
      collectGarbage();
      break;
  }
}

/** The URL that Node gives to an evaluated module. */
function evaluatedUrl(cwd: string, filePath: string | null | undefined): string {
  const { pathToFileURL } = requireBuiltin("internal/url");
  return filePath === null || filePath === undefined
    ? `${pathToFileURL(cwd).href}/[eval1]`
    : pathToFileURL(filePath).href;
}

function start(message: StartMessage): void {
  clearTimeout(preparing);
  adoptProcessState(state, message);
  disk.hasTerminal = message.terminal === true;
  cred.uid = message.uid;
  cred.gid = message.gid;
  cred.umask = message.umask;
  directories.setCwd(message.cwd);
  const run = prepare(message);
  adoptPermissions(message);
  clock.restart();
  usage.restart();
  port.unref();
  // Outside of this message's frames and asynchronous context, and like a main script just before timers.
  setImmediate(run);
}

/** Makes everything ready for the program that a start message names; answers what runs it. */
function prepare(message: StartMessage): () => void {
  const { entry, cwd } = message;
  if (entry.kind === "module") {
    identifyProcess(process, message, false);
    installReturn(env);
    installRequire(cwd);
    const { filePath = null } = entry;
    const url = () => evaluatedUrl(cwd, filePath);
    let { code } = entry;
    warnOfUnsettledAwait(env, end, () => ({ code, url: url() }));
    const toJavaScript = message.dialect ? adoptDialect(message.dialect, disk) : null;
    return () =>
      runMainScript(() => {
        if (toJavaScript !== null) code = toJavaScript(code, filePath, url());
        evaluateEntry(process, { code, filePath });
      });
  }
  if (entry.kind === "resident") {
    identifyProcess(process, message, false);
    installReturn(env);
    installRequire(cwd);
    const toJavaScript = message.dialect ? adoptDialect(message.dialect, disk) : undefined;
    return () => resident.begin((filePath) => evaluatedUrl(cwd, filePath), toJavaScript);
  }
  if (entry.kind === "command") {
    identifyProcess(process, message, false);
    return () => runMainScript(() => runCommand(process, entry));
  }
  if (entry.kind === "complaint") {
    identifyProcess(process, message, false);
    return () => complain(entry);
  }
  setOptions(entry.options);
  identifyProcess(process, message, true);
  if (entry.exposeGc) exposeGc();
  if (optionValue("--expose-internals")) exposeInternals();
  warnOfUnsettledAwait(env, end, () => programModule(process, evaluatedUrl(cwd, null)));
  // In a microtask V8 would lose the place where an exception was thrown.
  return () => runMainScript(() => runNode(process, { env, end, loadEnvFile }));
}

/** All that a process does that was started in a way that no process can be. */
function complain({ text, exitCode }: Complaint): void {
  requireBuiltin("fs").writeSync(2, text);
  end.exit(exitCode);
}

/** What there is to prepare has been prepared in the name of the system: from now on the rules bind. */
function adoptPermissions(message: Identity): void {
  if (message.certificate !== undefined) trustCertificate(message.certificate);
  if (message.permissions) permissions.adopt(message.permissions, disk, variables);
}

function startThread(message: ThreadStartMessage): void {
  clearTimeout(preparing);
  adoptProcessState(state, message);
  disk.hasTerminal = message.terminal === true;
  cred.uid = message.uid;
  cred.gid = message.gid;
  port.unref();
  const prepared = () => {
    if (message.dialect) adoptDialect(message.dialect, disk);
    adoptPermissions(message);
  };
  runWorker(message, {
    env,
    end,
    state,
    cred,
    fds,
    unmanaged,
    clock,
    usage,
    process,
    variables,
    owner,
    prepared,
  });
}
