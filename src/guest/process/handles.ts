import { pendingResources } from "../bindings/completions.js";
import type { HandleEvents } from "../bindings/stream-handle.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { isIntercepted } from "../kernel-port.js";

const { ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSplice } = primordials;
const { _getActiveHandles, _getActiveRequests, getActiveResourcesInfo } = internalBinding("process_methods");
const { owner_symbol } = internalBinding("symbols");
const { setImmediate } = requireBuiltin("timers");

/** What the loop waits for, of the handles that are ours and not native. */
export interface ActiveHandles extends HandleEvents {
  /** `process._getActiveHandles` */
  list(): unknown[];
  /** `process._getActiveRequests` */
  requests(): unknown[];
  /** `process.getActiveResourcesInfo` */
  names(): string[];
}

/** The names that Node's own handles of these classes go by. */
const resourceNames: Record<string, string> = {
  __proto__: null as never,
  Pipe: "PipeWrap",
  TCP: "TCPSocketWrap",
  UDP: "UDPWrap",
  TTY: "TTYWrap",
  Signal: "SignalWrap",
  FSEvent: "FSEventWrap",
};

export function createActiveHandles(): ActiveHandles {
  const active: Internal[] = [];

  return {
    later: (callback) => {
      setImmediate(callback);
    },
    active(handle, isActive) {
      if (isActive) ArrayPrototypePush(active, handle);
      else ArrayPrototypeSplice(active, ArrayPrototypeIndexOf(active, handle), 1);
    },
    list() {
      const handles: unknown[] = [];
      const native = _getActiveHandles();
      for (let i = 0; i < native.length; i++)
        if (!isIntercepted(native[i])) ArrayPrototypePush(handles, native[i]);
      for (let i = 0; i < active.length; i++)
        ArrayPrototypePush(handles, active[i][owner_symbol] ?? active[i]);
      return handles;
    },
    requests() {
      const requests: unknown[] = _getActiveRequests();
      const ours = pendingResources();
      for (let i = 0; i < ours.length; i++) ArrayPrototypePush(requests, ours[i]);
      return requests;
    },
    names() {
      const names: string[] = [];
      const requests = pendingResources();
      for (let i = 0; i < requests.length; i++)
        ArrayPrototypePush(names, (requests[i] as object).constructor.name);
      const others: string[] = getActiveResourcesInfo();
      for (let i = 0; i < others.length; i++) ArrayPrototypePush(names, others[i]);
      const native = _getActiveHandles();
      for (let i = 0; i < native.length; i++)
        if (isIntercepted(native[i]))
          ArrayPrototypeSplice(names, ArrayPrototypeIndexOf(names, "MessagePort"), 1);
      for (let i = 0; i < active.length; i++) {
        const { name } = active[i].constructor;
        ArrayPrototypePush(names, resourceNames[name] ?? name);
      }
      return names;
    },
  };
}
