import { EACCES } from "../../../syscall/errno.js";
import { type Internal, internalBinding, primordials } from "../../internals.js";
import type { ProcessState } from "../../process-state.js";
import type { HandleEvents } from "../stream-handle.js";
import { asciiName, isLocalName, type Names } from "./names.js";
import { answerRequest } from "./requests.js";

const { ArrayPrototypePush, String: toText, StringPrototypeIncludes } = primordials;
const { AF_INET, AF_INET6, DNS_ORDER_IPV4_FIRST, DNS_ORDER_IPV6_FIRST } = internalBinding("cares_wrap");
const { UV_EAI_AGAIN, UV_EAI_FAIL, UV_EAI_MEMORY, UV_EAI_NONAME } = internalBinding("uv");

/** What `getaddrinfo` answers for the codes of the host. */
const errors: Record<string, number> = {
  __proto__: null as never,
  EACCES: -EACCES,
  EAI_AGAIN: UV_EAI_AGAIN,
  EAI_MEMORY: UV_EAI_MEMORY,
  ENOTFOUND: UV_EAI_NONAME,
};

/** What `/etc/services` has of the ports that programs ask about. */
const services: Record<string | number, string> = {
  __proto__: null as never,
  21: "ftp",
  22: "ssh",
  23: "telnet",
  25: "smtp",
  53: "domain",
  80: "http",
  110: "pop3",
  143: "imap2",
  443: "https",
  587: "submission",
  993: "imaps",
  995: "pop3s",
};

function familyOf(number: number): 0 | 4 | 6 {
  if (number === 4 || number === AF_INET) return 4;
  return number === 6 || number === AF_INET6 ? 6 : 0;
}

function isSix(address: string): boolean {
  return StringPrototypeIncludes(address, ":");
}

function inOrder(addresses: string[], order: number): string[] {
  if (order !== DNS_ORDER_IPV4_FIRST && order !== DNS_ORDER_IPV6_FIRST) return addresses;
  const sixFirst = order === DNS_ORDER_IPV6_FIRST;
  const sorted: string[] = [];
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[i] as string;
      if (isSix(address) === (sixFirst === (pass === 0))) ArrayPrototypePush(sorted, address);
    }
  }
  return sorted;
}

/** Look-ups as the system does them: `getaddrinfo` and `getnameinfo`. */
export function addressCalls(
  names: Names,
  events: HandleEvents,
  state: ProcessState,
): Record<string, Internal> {
  function local(family: number, order: number): string[] {
    const addresses: string[] = [];
    if (family !== 6) ArrayPrototypePush(addresses, "127.0.0.1");
    if (family !== 4) ArrayPrototypePush(addresses, "::1");
    return inOrder(addresses, order);
  }

  return {
    getaddrinfo(request: Internal, hostname: unknown, af: number, _hints: number, order: number): number {
      const name = asciiName(toText(hostname));
      const family = familyOf(af);
      if (isLocalName(name, state.hostname)) {
        events.later(() => answerRequest(request, null, null, local(family, order)));
        return 0;
      }
      names.ask("lookup", name, family, ({ error, reason, records }) => {
        if (error === null) answerRequest(request, null, null, inOrder(records, order));
        else answerRequest(request, reason, errors[error] ?? UV_EAI_FAIL, null);
      });
      return 0;
    },
    getnameinfo(request: Internal, address: string, port: number): number {
      const service = services[port] ?? `${port}`;
      if (address === "127.0.0.1" || address === "::1") {
        events.later(() => answerRequest(request, null, null, "localhost", service));
        return 0;
      }
      names.ask("reverse", address, 0, ({ error, reason, records }) => {
        // Without a name, an address is called what it is.
        if (error === "EACCES") answerRequest(request, reason, -EACCES);
        else answerRequest(request, null, null, records?.[0] ?? address, service);
      });
      return 0;
    },
  };
}
