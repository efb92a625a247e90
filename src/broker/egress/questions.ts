import { RateLimit } from "../../policy/audit.js";
import type { ResolvedMessage, ResolveMessage } from "../../wire/messages.js";
import { canonicalAddress } from "./address.js";
import type { DecisionLog } from "./decision-log.js";
import { type Judge, questionName, type Verdict } from "./judge.js";
import type { ResolvedNames } from "./resolved-names.js";
import type { NameResolver, RecordKind } from "./resolver.js";

/** Questions that may wait for an answer. Each keeps a thread of the host's pool busy, or a socket. */
const MAX_WAITING = 64;
/** The most JSON of an answer. */
const MAX_ANSWER = 256 * 1024;

type Answer = Omit<ResolvedMessage, "type" | "id">;

const failure = (code: string, reason: string | null = null): Answer => ({
  error: code,
  reason,
  records: null,
});

/** What a resolver says went wrong, if it is a name such as `node:dns` gives. */
function codeOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[A-Z][A-Z_0-9]{0,39}$/u.test(code) ? code : "ESERVFAIL";
}

/** Answers questions about names: no name that no rule allows ever reaches a resolver. */
export class Questions {
  readonly #judge: Judge;
  readonly #names: ResolvedNames;
  readonly #resolver: NameResolver;
  readonly #log: DecisionLog;
  readonly #rate: RateLimit;
  #waiting = 0;

  constructor(parts: {
    judge: Judge;
    names: ResolvedNames;
    resolver: NameResolver;
    log: DecisionLog;
    perSecond: number;
  }) {
    this.#judge = parts.judge;
    this.#names = parts.names;
    this.#resolver = parts.resolver;
    this.#log = parts.log;
    this.#rate = new RateLimit(parts.perSecond, parts.perSecond, performance.now());
  }

  /** Never rejects. */
  async answer({ kind, name, family }: Omit<ResolveMessage, "type" | "id">): Promise<Answer> {
    const lookup = kind === "lookup";
    const reverse = kind === "reverse";
    const subject = reverse ? canonicalAddress(name) : questionName(name);
    if (subject === null) return failure(lookup ? "ENOTFOUND" : reverse ? "ENOTIMP" : "EBADNAME");
    const verdict = reverse ? this.#judge.reverse(subject) : this.#judge.question(subject);
    if (!verdict.allowed) return this.#refuse(subject, verdict);
    if (this.#waiting >= MAX_WAITING || !this.#rate.take(performance.now())) {
      return failure(lookup ? "EAI_AGAIN" : "EREFUSED", "too many questions");
    }
    this.#log.decided("dns", subject, verdict);
    this.#waiting++;
    try {
      if (reverse) return answered(await this.#resolver.reverse(subject));
      if (lookup) return this.#addresses(subject, await this.#resolver.lookup(subject, family), verdict);
      return this.#records(kind, subject, await this.#resolver.records(kind, subject), verdict);
    } catch (error) {
      return failure(codeOf(error));
    } finally {
      this.#waiting--;
    }
  }

  #refuse(subject: string, verdict: Verdict): Answer {
    this.#log.decided("dns", subject, verdict);
    return failure("EACCES", verdict.reason);
  }

  /** An address that may not be connected to isn't told either: it says something of the host's network. */
  #addresses(name: string, found: readonly string[], verdict: Verdict): Answer {
    const { addresses, reason } = this.#judge.usable(found);
    if (addresses.length === 0) {
      return reason === ""
        ? failure("ENOTFOUND")
        : this.#refuse(name, { ...verdict, allowed: false, rule: null, reason: `${name}: ${reason}` });
    }
    this.#names.add(name, addresses);
    return answered(addresses);
  }

  #records(kind: RecordKind, name: string, records: unknown, verdict: Verdict): Answer {
    if (kind !== "A" && kind !== "AAAA" && kind !== "ANY") return answered(plain(records));
    const list = records as { type?: string; address?: string }[];
    const found = list.flatMap(({ address }) => (address === undefined ? [] : [address]));
    const usable = this.#addresses(name, found, verdict);
    if (usable.error === "EACCES") return usable;
    const told = new Set(usable.records as string[] | null);
    return answered(
      list.filter(({ address }) => {
        const canonical = address === undefined ? null : canonicalAddress(address);
        return address === undefined || (canonical !== null && told.has(canonical));
      }),
    );
  }
}

/** JSON has no bytes: those of a TLSA record go as base64. */
function plain(records: unknown): unknown {
  if (!Array.isArray(records)) return records;
  return records.map((record: unknown) => {
    const data = (record as { data?: unknown } | null)?.data;
    return data instanceof ArrayBuffer
      ? { ...(record as object), data: Buffer.from(data).toString("base64") }
      : record;
  });
}

function answered(records: unknown): Answer {
  return JSON.stringify(records).length > MAX_ANSWER
    ? failure("EBADRESP")
    : { error: null, reason: null, records };
}
