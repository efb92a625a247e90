import { caresWrap } from "./bindings/cares/binding.js";
import type { Names } from "./bindings/cares/names.js";
import { credentialsBinding } from "./bindings/credentials.js";
import { heapUtilsBinding } from "./bindings/heap-utils.js";
import { underPermission } from "./bindings/node-permission.js";
import { osBinding } from "./bindings/os.js";
import { type ProcessParts, processMethods } from "./bindings/process-methods.js";
import { reportBinding } from "./bindings/report/binding.js";
import { sqliteBinding } from "./bindings/sqlite/binding.js";
import type { HandleEvents } from "./bindings/stream-handle.js";
import { tcpWrap } from "./bindings/tcp-wrap.js";
import { lockBinding, threadBindings } from "./bindings/threads.js";
import { tlsWrap } from "./bindings/tls-wrap.js";
import { ttyWrap } from "./bindings/tty-wrap.js";
import { udpWrap } from "./bindings/udp-wrap.js";
import { createSetFlags } from "./bindings/v8-flags.js";
import { spawnSyncBinding } from "./child/spawn-sync.js";
import type { GuestEnv } from "./env.js";
import type { KernelPort } from "./kernel-port.js";
import { nothing } from "./nothing.js";
import type { ProcessState } from "./process-state.js";
import { getCallSites } from "./stack-traces.js";
import type { Replacement } from "./swap.js";
import { extraCertificates } from "./trust.js";

/** What the replacements stand on, beside the environment. */
export interface BindingParts {
  state: ProcessState;
  port: KernelPort;
  events: HandleEvents;
  parts: ProcessParts;
  environment: NodeJS.ProcessEnv;
  handleType(fd: number): number;
  files: Record<string, Replacement>;
  pipeWrap: Record<string, unknown>;
  processWrap: Replacement;
  names: Names;
  signalWrap: Record<string, unknown>;
  Worker: unknown;
}

/** What would watch for a real SIGINT while code runs: none comes, and a process's own interrupts no code. */
const sigintWatchdog = {
  startSigintWatchdog: () => true,
  stopSigintWatchdog: () => false,
  watchdogHasPendingSigint: () => false,
};

/** Our members for every binding that has some. */
export function replacements(env: GuestEnv, given: BindingParts): Record<string, Replacement> {
  const { state, port, events, parts } = given;
  return underPermission(env, {
    __proto__: null as never,
    ...given.files,
    tcp_wrap: tcpWrap({ env, port, events }),
    udp_wrap: udpWrap({ env, port, events }),
    cares_wrap: () => caresWrap(given.names, events, state),
    ...threadBindings(state, given.Worker),
    credentials: credentialsBinding(env),
    crypto: () => ({ getExtraCACertificates: extraCertificates, startLoadingCertificatesOffThread: nothing }),
    heap_utils: () => heapUtilsBinding(env, state),
    inspector: { isEnabled: () => false, url: () => undefined },
    locks: () => lockBinding(state),
    os: () => osBinding(env, state, given.environment),
    performance: { now: parts.clock.now, loopIdleTime: parts.clock.loopIdleTime },
    pipe_wrap: given.pipeWrap,
    process_wrap: given.processWrap,
    spawn_sync: () => spawnSyncBinding(env, parts.clock.now),
    process_methods: processMethods(env, parts),
    // As where no coverage is asked for: there is none to take.
    profiler: { takeCoverage: nothing, stopCoverage: nothing },
    report: () => reportBinding({ env, state, environment: given.environment, parts, process }),
    signal_wrap: given.signalWrap,
    sqlite: sqliteBinding,
    tls_wrap: tlsWrap,
    tty_wrap: () => ttyWrap(env, port, events),
    contextify: sigintWatchdog,
    v8: () => ({ setFlagsFromString: createSetFlags(env) }),
    util: { guessHandleType: given.handleType, getCallSites },
  });
}
