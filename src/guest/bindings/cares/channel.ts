import type { QuestionKind } from "../../../wire/messages.js";
import { type Internal, primordials } from "../../internals.js";
import type { HandleEvents } from "../stream-handle.js";
import { asciiName, type NameAnswer, type Names } from "./names.js";
import { answerRequest } from "./requests.js";

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  ObjectDefineProperty,
  String: toText,
} = primordials;

/** What Node says while questions wait: "There are pending queries." */
const PENDING_QUERIES = -1000;

/** The methods of a channel by the kind of question. */
const methods: Record<string, QuestionKind> = {
  __proto__: null as never,
  queryAny: "ANY",
  queryA: "A",
  queryAaaa: "AAAA",
  queryCaa: "CAA",
  queryCname: "CNAME",
  queryMx: "MX",
  queryNaptr: "NAPTR",
  queryNs: "NS",
  queryPtr: "PTR",
  querySoa: "SOA",
  querySrv: "SRV",
  queryTlsa: "TLSA",
  queryTxt: "TXT",
};

/** Addresses and, apart from them, for how long they may be kept. */
function withTimes(records: { address: string; ttl: number }[]): [string[], number[]] {
  const addresses: string[] = [];
  const times: number[] = [];
  for (let i = 0; i < records.length; i++) {
    const { address, ttl } = records[i] as { address: string; ttl: number };
    ArrayPrototypePush(addresses, address);
    ArrayPrototypePush(times, ttl);
  }
  return [addresses, times];
}

/**
 * The class of a resolver's channel. Whichever servers it was given, the host's are asked: a machine reaches
 * no other, and the answers have to be the host's for its judgement to hold.
 */
export function channelClass(names: Names, events: HandleEvents): Internal {
  class ChannelWrap {
    #servers: unknown[] = [["127.0.0.1", 53]];
    readonly #pending: Internal[] = [];

    getServers(): unknown[] {
      const servers: unknown[] = [];
      for (let i = 0; i < this.#servers.length; i++) {
        const server = this.#servers[i] as [string, number];
        ArrayPrototypePush(servers, [server[0], server[1]]);
      }
      return servers;
    }

    setServers(servers: [number, string, number][]): number {
      if (this.#pending.length > 0) return PENDING_QUERIES;
      const kept: unknown[] = [];
      for (let i = 0; i < servers.length; i++) {
        const server = servers[i] as [number, string, number];
        ArrayPrototypePush(kept, [server[1], server[2]]);
      }
      this.#servers = kept;
      return 0;
    }

    setLocalAddress(): void {
      // The host's own address is the host's affair.
    }

    cancel(): void {
      while (this.#pending.length > 0) {
        const request = this.#pending[0];
        this.#forget(request);
        events.later(() => answerRequest(request, null, "ECANCELLED"));
      }
    }

    getHostByAddr(request: Internal, address: unknown): number {
      const text: string = toText(address);
      if (text === "127.0.0.1" || text === "::1") {
        events.later(() => answerRequest(request, null, null, ["localhost"]));
        return 0;
      }
      return this.#ask("reverse", request, text);
    }

    static query(channel: ChannelWrap, kind: QuestionKind, request: Internal, name: unknown): number {
      return channel.#ask(kind, request, asciiName(toText(name)));
    }

    #ask(kind: QuestionKind, request: Internal, name: string): number {
      ArrayPrototypePush(this.#pending, request);
      names.ask(kind, name, 0, (answer) => {
        if (this.#forget(request)) tell(kind, request, answer);
      });
      return 0;
    }

    #forget(request: Internal): boolean {
      const at: number = ArrayPrototypeIndexOf(this.#pending, request);
      if (at >= 0) ArrayPrototypeSplice(this.#pending, at, 1);
      return at >= 0;
    }
  }

  const { query } = ChannelWrap;
  for (const method in methods) {
    const kind = methods[method] as QuestionKind;
    ObjectDefineProperty(ChannelWrap.prototype, method, {
      __proto__: null,
      configurable: true,
      writable: true,
      value(this: ChannelWrap, request: Internal, name: unknown): number {
        return query(this, kind, request, name);
      },
    });
  }
  // biome-ignore lint/performance/noDelete: a program that reaches the class has no use for it.
  delete (ChannelWrap as { query?: unknown }).query;
  return ChannelWrap;
}

function tell(kind: QuestionKind, request: Internal, { error, reason, records }: NameAnswer): void {
  if (error !== null) answerRequest(request, reason, error);
  else if (kind === "A" || kind === "AAAA") {
    const [addresses, times] = withTimes(records);
    answerRequest(request, null, null, addresses, times);
  } else answerRequest(request, null, null, records);
}
