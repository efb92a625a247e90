import { EACCES } from "../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import { nothing } from "../nothing.js";
import { closedHandleClass } from "./closed-handle.js";
import type { HandleEvents } from "./stream-handle.js";

/** What c-ares calls a server that takes no questions. */
const noServer = "ECONNREFUSED";

const { ArrayPrototypePush, StringPrototypeEndsWith, StringPrototypeToLowerCase } = primordials;
const { AF_INET, AF_INET6, DNS_ORDER_IPV6_FIRST } = internalBinding("cares_wrap");

/** Names that a machine resolves by itself. */
function isLocalName(name: string): boolean {
  const lower = StringPrototypeToLowerCase(name);
  return lower === "localhost" || StringPrototypeEndsWith(lower, ".localhost");
}

/** Datagrams and look-ups of a machine without a network: everything is refused. */
export function networkBindings(events: HandleEvents): Record<string, Record<string, Internal>> {
  const refuse = () => -EACCES;
  const ClosedHandle = closedHandleClass(events);

  class UDP extends ClosedHandle {
    getSendQueueSize(): number {
      return 0;
    }
    getSendQueueCount(): number {
      return 0;
    }
  }
  for (const method of ["open", "bind", "bind6", "connect", "connect6", "disconnect", "send", "send6"])
    define(UDP.prototype, method, refuse);
  for (const method of ["recvStart", "recvStop", "getsockname", "getpeername", "bufferSize", "setTTL"])
    define(UDP.prototype, method, refuse);
  for (const method of ["setBroadcast", "setMulticastInterface", "setMulticastTTL", "setMulticastLoopback"])
    define(UDP.prototype, method, refuse);
  for (const method of ["addMembership", "dropMembership"]) define(UDP.prototype, method, refuse);
  for (const method of ["addSourceSpecificMembership", "dropSourceSpecificMembership"])
    define(UDP.prototype, method, refuse);

  return { udp_wrap: { UDP }, cares_wrap: resolver(events) };
}

function define(prototype: object, name: string, value: unknown): void {
  primordials.ObjectDefineProperty(prototype, name, {
    __proto__: null,
    configurable: true,
    writable: true,
    value,
  });
}

/** Look-ups: `localhost` has its addresses, everything else is refused. */
function resolver(events: HandleEvents): Record<string, Internal> {
  class ChannelWrap {
    getServers(): unknown[] {
      return [];
    }
    setServers(): number {
      return 0;
    }
  }
  define(ChannelWrap.prototype, "setLocalAddress", nothing);
  define(ChannelWrap.prototype, "cancel", nothing);
  for (const kind of [
    "Any",
    "A",
    "Aaaa",
    "Caa",
    "Cname",
    "Mx",
    "Naptr",
    "Ns",
    "Ptr",
    "Soa",
    "Srv",
    "Tlsa",
    "Txt",
  ])
    define(ChannelWrap.prototype, `query${kind}`, failLater);
  define(ChannelWrap.prototype, "getHostByAddr", failLater);

  function failLater(request: Internal): number {
    events.later(() => request.oncomplete(noServer));
    return 0;
  }

  return {
    ChannelWrap,
    getaddrinfo(request: Internal, name: string, family: number, _hints: number, order: number): number {
      events.later(() => {
        if (!isLocalName(name)) {
          request.oncomplete(-EACCES, null);
          return;
        }
        const addresses: string[] = [];
        if (family !== AF_INET && family !== 4 && order === DNS_ORDER_IPV6_FIRST)
          ArrayPrototypePush(addresses, "::1");
        if (family !== AF_INET6 && family !== 6) ArrayPrototypePush(addresses, "127.0.0.1");
        if (family !== AF_INET && family !== 4 && order !== DNS_ORDER_IPV6_FIRST)
          ArrayPrototypePush(addresses, "::1");
        request.oncomplete(null, addresses);
      });
      return 0;
    },
    getnameinfo(request: Internal, address: string): number {
      events.later(() => {
        if (address === "127.0.0.1" || address === "::1") request.oncomplete(null, "localhost", "");
        else request.oncomplete(-EACCES);
      });
      return 0;
    },
  };
}
