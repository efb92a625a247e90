/** Rules of the scope `network`. They are judged by the host, and within a machine by its kernel. */
import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { CompiledRule, CompiledScope, HostPattern } from "./compiled.js";
import { type Decision, decide, isNamed } from "./decide.js";
import { GlobError, parsePathGlob } from "./glob/parse.js";
import { type NetworkOperation, operationBit } from "./operations.js";
import type { PermissionMode } from "./permissions.js";
import { matchesRequest, type RequestTarget, type Scheme } from "./requests.js";

/** What goes nowhere but within the machine. */
const INSIDE = operationBit("network", "listen") | operationBit("network", "loopback");

/** What a rule that names no operation is about. */
export const OUTSIDE =
  operationBit("network", "connect") | operationBit("network", "dns") | operationBit("network", "udp");

/** Whom an operation is about. */
export interface NetworkTarget {
  /** The name that was asked for, if there was one. */
  host?: string | undefined;
  /** The address. */
  address?: string | undefined;
  port?: number | undefined;
  /** Of `connect`: what is asked there. Without it patterns of requests match nothing. */
  request?: RequestTarget | undefined;
}

/**
 * The fewest bits of a range that was meant to hold what no host on the internet has: those of 10.0.0.0/8
 * and of fc00::/7. `0.0.0.0/0` only means everybody.
 */
const NARROW = { 4: 8, 6: 7 } as const;

const MAX_PATTERN = 300;
const MAX_PORT = 65_535;

/** A pattern's parts: what stands in brackets is an IPv6 address; what follows a colon are ports. */
const PARTS = /^(?:\[(?<six>[^\]]*)\](?<sixBits>\/\d+)?|(?<host>[^:[\]]*))(?::(?<ports>[^:]*))?$/u;
const PORTS = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/u;
const ADDRESSES = /^(?<address>[^/]+)\/(?<bits>\d{1,3})$/u;
const NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/u;

const URL_PATTERN = /^(?:(?<methods>[^\s:/]+) )?(?<scheme>https?):\/\/(?<host>[^/\s]+)(?<path>\/.*)?$/iu;
const METHODS = /^[A-Z][A-Z-]{0,31}(?:,[A-Z][A-Z-]{0,31}){0,15}$/u;
const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/** The patterns that a text stands for: of a host, or of requests to one. Throws GlobError. */
export function parseNetworkPattern(text: string): HostPattern[] {
  if (!/\s|:\/\//u.test(text)) return [parseHostPattern(text)];
  const { methods, scheme: written, host = "", path } = URL_PATTERN.exec(text)?.groups ?? {};
  if (written === undefined) {
    throw new GlobError('a host with or without ports, or requests as in "GET https://example.com/v1/**"');
  }
  const scheme = written.toLowerCase() as Scheme;
  const pattern = parseHostPattern(host);
  const port = DEFAULT_PORTS[scheme];
  if (pattern.ports === null && !host.endsWith(":*")) pattern.ports = [port, port];
  if (methods === undefined && path === undefined) return [pattern];
  if (methods !== undefined && !METHODS.test(methods)) {
    throw new GlobError('methods in capital letters, as in "GET,HEAD https://example.com"');
  }
  if (scheme === "https" && "address" in pattern.host) {
    throw new GlobError("a host with a name, where methods or paths of https are meant");
  }
  const paths = path === undefined ? [null] : parsePathGlob(path);
  return paths.map((one) => ({
    ...pattern,
    request: { scheme, methods: methods?.split(",") ?? null, path: one },
  }));
}

/** The pattern of hosts that a text stands for. Throws GlobError. */
export function parseHostPattern(text: string): HostPattern {
  if (text === "") throw new GlobError("a pattern that is not empty");
  if (text.length > MAX_PATTERN) throw new GlobError(`a pattern of at most ${MAX_PATTERN} characters`);
  if (/\s|:\/\//u.test(text)) {
    throw new GlobError("a host, with or without ports, and no methods, schemes or paths");
  }
  const bare = bareSix(text);
  if (bare !== null) return { host: bare, ports: null };
  const { six, sixBits, host, ports } = PARTS.exec(text)?.groups ?? {};
  if (six !== undefined) {
    const range = addressRange(`${six}${sixBits ?? ""}`);
    if (range === null || !six.includes(":")) throw new GlobError("an IPv6 address in its brackets");
    return { host: range, ports: parsePorts(ports) };
  }
  if (host === undefined) throw new GlobError("a host, with or without ports after one colon");
  return { host: parseHost(host), ports: parsePorts(ports) };
}

/** An IPv6 address without brackets, which leaves no room for ports. */
function bareSix(text: string): HostPattern["host"] | null {
  return isIP(text.split("/", 1)[0] as string) === 6 ? addressRange(text) : null;
}

function parseHost(text: string): HostPattern["host"] {
  if (text === "*") return { any: true };
  const range = addressRange(text);
  if (range !== null) return range;
  if (text.includes("/"))
    throw new GlobError("a range of addresses such as 10.0.0.0/8, or a host without a path");
  const below = text.startsWith("*.");
  const name = asciiName(below ? text.slice(2) : text);
  if (name === null) {
    throw new GlobError(
      text.includes("*")
        ? `a host whose only "*" is the whole, or stands for what is before a domain, as in *.example.com`
        : "a host's name or address",
    );
  }
  return below ? { below: name } : { name };
}

/** A name as it is compared; null for what is none. */
export function asciiName(text: string): string | null {
  const name = (/^[\x21-\x7e]*$/u.test(text) ? text : domainToASCII(text)).toLowerCase().replace(/\.$/u, "");
  // What ends in a number is an address that has gone wrong.
  return NAME.test(name) && !/(?:^|\.)(?:\d+|0x[\da-f]*)$/u.test(name) ? name : null;
}

function addressRange(text: string): { address: string; bits: number } | null {
  const family = isIP(text);
  if (family !== 0) return { address: text, bits: family === 4 ? 32 : 128 };
  const { address, bits } = ADDRESSES.exec(text)?.groups ?? {};
  if (address === undefined || isIP(address) === 0) return null;
  const most = isIP(address) === 4 ? 32 : 128;
  if (Number(bits) > most) throw new GlobError(`a range of at most ${most} bits`);
  return { address, bits: Number(bits) };
}

function parsePorts(text: string | undefined): [number, number] | null {
  if (text === undefined || text === "*") return null;
  const groups = PORTS.exec(text)?.groups;
  const first = Number(groups?.["first"]);
  const last = Number(groups?.["last"] ?? first);
  if (groups === undefined || first > last || last > MAX_PORT || first === 0) {
    throw new GlobError(`a port from 1 to ${MAX_PORT}, or a range of them such as 8000-8999`);
  }
  return [first, last];
}

/** Judges what goes over a network. */
export class NetworkRules {
  readonly #scope: CompiledScope<HostPattern>;
  /** The same rules where they allow nothing but addresses that they name. */
  readonly #outright: CompiledScope<HostPattern>;
  /** The addresses of each pattern that has some. */
  readonly #ranges = new Map<HostPattern, BlockList>();

  constructor(scope: CompiledScope<HostPattern>) {
    this.#scope = scope;
    this.#outright =
      typeof scope === "string" ? "deny" : { default: "deny", rules: scope.rules.map(onlyAddresses) };
    if (typeof scope === "string") return;
    for (const pattern of scope.rules.flatMap((rule) => rule.patterns ?? [])) {
      if (!("address" in pattern.host)) continue;
      const { address, bits } = pattern.host;
      const list = new BlockList();
      list.addSubnet(address, bits, isIP(address) === 4 ? "ipv4" : "ipv6");
      this.#ranges.set(pattern, list);
    }
  }

  /**
   * A pattern matches the name or the address. Whoever looks up a name asks for the name first, and then
   * with what it found for each address. A look-up has no port: whoever may connect to a port may look up
   * the name for it.
   */
  decide(operation: NetworkOperation, target: NetworkTarget): Decision {
    return this.#decide(this.#scope, operation, target);
  }

  /** The decision about an address that is only allowed where a rule names it, or a narrow range with it. */
  decideOutright(operation: NetworkOperation, target: NetworkTarget): Decision {
    return this.#decide(this.#outright, operation, target);
  }

  /** Whether it depends on what is asked there what becomes of a connection. */
  dependsOnRequest(target: NetworkTarget): boolean {
    if (typeof this.#scope === "string") return false;
    const bit = operationBit("network", "connect");
    const place = placeOf(target);
    return this.#scope.rules.some(
      (rule) =>
        (rule.operations & bit) !== 0 &&
        (rule.patterns ?? []).some(
          (pattern) => pattern.request !== undefined && this.#isPlace(pattern, place, false),
        ),
    );
  }

  /** Whether any rule is about requests over https. */
  static readsHttps(scope: CompiledScope<HostPattern>): boolean {
    return (
      typeof scope !== "string" &&
      scope.rules.some((rule) => rule.patterns?.some(({ request }) => request?.scheme === "https") ?? false)
    );
  }

  #decide(scope: CompiledScope<HostPattern>, operation: NetworkOperation, target: NetworkTarget): Decision {
    const bit = operationBit("network", operation);
    const free = (bit & INSIDE) !== 0 && (typeof scope === "string" || !isNamed(scope, bit));
    if (free) return { allowed: true, rule: null };
    const place = placeOf(target);
    return decide(scope, bit, (pattern, mode) => {
      const lookup = operation === "dns" && mode === "allow";
      return (
        (pattern.request === undefined || lookup || isRequest(pattern, mode, operation, target)) &&
        this.#isPlace(pattern, place, lookup)
      );
    });
  }

  #isPlace(pattern: HostPattern, { name, address, port }: Place, anyPort: boolean): boolean {
    const { host, ports } = pattern;
    if (ports !== null && !anyPort && !isWithin(ports, port)) return false;
    if ("any" in host) return true;
    if ("name" in host) return host.name === name;
    if ("below" in host) return name?.endsWith(`.${host.below}`) ?? false;
    return address !== undefined && this.#holds(pattern, address);
  }

  #holds(pattern: HostPattern, address: string): boolean {
    const family = isIP(address);
    return (
      family !== 0 && (this.#ranges.get(pattern)?.check(address, family === 4 ? "ipv4" : "ipv6") ?? false)
    );
  }
}

/** A target as patterns are compared with it. */
interface Place {
  name: string | null;
  address: string | undefined;
  port: number | undefined;
}

function placeOf({ host, address, port }: NetworkTarget): Place {
  const named = host !== undefined && isIP(host) !== 0 ? host : undefined;
  return { name: host === undefined ? null : asciiName(host), address: address ?? named, port };
}

function isRequest(
  { request }: HostPattern,
  mode: PermissionMode,
  operation: NetworkOperation,
  target: NetworkTarget,
): boolean {
  if (request === undefined || target.request === undefined || operation !== "connect") return false;
  return matchesRequest(request, target.request, mode);
}

/** A rule that allows narrow ranges of addresses alone, if it allows. */
function onlyAddresses(rule: CompiledRule<HostPattern>): CompiledRule<HostPattern> {
  if (rule.mode === "deny") return rule;
  return { ...rule, patterns: (rule.patterns ?? []).filter(({ host }) => isNarrow(host)) };
}

function isNarrow(host: HostPattern["host"]): boolean {
  return "address" in host && host.bits >= NARROW[isIP(host.address) as 4 | 6];
}

/** Without a port a pattern with ports matches none; of look-ups, `decide` knows better. */
function isWithin([first, last]: [number, number], port: number | undefined): boolean {
  return port !== undefined && port >= first && port <= last;
}
