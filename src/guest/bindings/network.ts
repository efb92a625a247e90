import { EACCES } from "../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import { nothing } from "../nothing.js";
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

function define(prototype: object, name: string, value: unknown): void {
  primordials.ObjectDefineProperty(prototype, name, {
    __proto__: null,
    configurable: true,
    writable: true,
    value,
  });
}

/** Look-ups: `localhost` has its addresses, everything else is refused. */
export function resolver(events: HandleEvents): Record<string, Internal> {
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
