import { promises as dns } from "node:dns";
import type { QuestionKind } from "../../wire/messages.js";

/** The kinds of records that can be asked for. */
export type RecordKind = Exclude<QuestionKind, "lookup" | "reverse">;

/** Who answers questions about names. What is rejected has a `code`, as errors of `node:dns` do. */
export interface NameResolver {
  /** Addresses, as the host's own programs find them; of both families for 0. */
  lookup(name: string, family: 0 | 4 | 6): Promise<string[]>;
  /** Records, in the shapes of `node:dns`; of addresses with their time to live. */
  records(kind: RecordKind, name: string): Promise<unknown>;
  /** Names of an address. */
  reverse(address: string): Promise<string[]>;
}

/** The resolvers of the host. */
export const systemResolver: NameResolver = {
  async lookup(name, family) {
    const found = await dns.lookup(name, { all: true, family, order: "verbatim" });
    return found.map(({ address }) => address);
  },
  records: (kind, name) =>
    kind === "A"
      ? dns.resolve4(name, { ttl: true })
      : kind === "AAAA"
        ? dns.resolve6(name, { ttl: true })
        : dns.resolve(name, kind),
  reverse: (address) => dns.reverse(address),
};
