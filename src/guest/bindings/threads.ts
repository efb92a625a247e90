import { type Internal, internalBinding, primordials } from "../internals.js";
import type { ProcessState } from "../process-state.js";

const {
  ArrayPrototypePush,
  PromisePrototypeThen,
  ReflectApply,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  Float64Array: Doubles,
} = primordials;

/**
 * What threads of one operating system process have in common: broadcast channels and locks, found by
 * name. A guest process is a thread here, so its pid becomes part of each name.
 */
export function threadBindings(
  state: ProcessState,
  Worker: Internal,
): Record<string, Record<string, Internal>> {
  const { broadcastChannel } = internalBinding("messaging");

  return {
    messaging: {
      broadcastChannel: (name: string) => broadcastChannel(`${state.pid}:${name}`),
    },
    worker: {
      Worker,
      isMainThread: true,
      isInternalThread: false,
      ownsProcessState: true,
      threadId: 0,
      threadName: "",
      resourceLimits: new Doubles(0),
      // Node's own port to the thread that made this one: the kernel's.
      getEnvMessagePort: () => undefined,
    },
  };
}

interface LockInfo {
  name: string;
}

/** The `locks` binding, loaded by the first use of `navigator.locks`. */
export function lockBinding(state: ProcessState): Record<string, Internal> {
  const { request, query } = internalBinding("locks");
  const prefix = () => `${state.pid}:`;

  function own(locks: LockInfo[]): LockInfo[] {
    const mine: LockInfo[] = [];
    const start = prefix();
    for (let i = 0; i < locks.length; i++) {
      const lock = locks[i] as LockInfo;
      if (!StringPrototypeStartsWith(lock.name, start)) continue;
      lock.name = StringPrototypeSlice(lock.name, start.length);
      ArrayPrototypePush(mine, lock);
    }
    return mine;
  }

  return {
    request(
      name: string,
      clientId: string,
      mode: string,
      steal: boolean,
      ifAvailable: boolean,
      callback: (lock: LockInfo | null) => unknown,
    ) {
      const granted = (lock: LockInfo | null) => {
        if (lock !== null) lock.name = name;
        return ReflectApply(callback, undefined, [lock]);
      };
      return request(prefix() + name, clientId, mode, steal, ifAvailable, granted);
    },
    query: () =>
      PromisePrototypeThen(query(), (all: { held: LockInfo[]; pending: LockInfo[] }) => {
        all.held = own(all.held);
        all.pending = own(all.pending);
        return all;
      }),
  };
}
