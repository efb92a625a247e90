import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** What kind of address this is, in the words of a message: null for one of the public internet. */
export type SpecialKind = string | null;

/** What clouds answer questions about the computer on, beside link-local addresses. */
const METADATA = new Set(["168.63.129.16"]);

/** Of what IANA has given out for the public internet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

const words: Readonly<Record<string, string>> = {
  private: "a private address",
  uniqueLocal: "a private address",
  carrierGradeNat: "a private address",
  loopback: "a loopback address",
  linkLocal: "a link-local address",
  multicast: "a multicast address",
  broadcast: "a broadcast address",
  unspecified: "an unspecified address",
  ipv4Mapped: "an IPv4 address in IPv6",
  rfc6145: "a translated address",
  rfc6052: "a translated address",
  "6to4": "a tunnelled address",
  teredo: "a tunnelled address",
};

/**
 * An address as it is compared and connected to; null for what is none. Only the forms that all programs
 * read alike: no short, octal or hexadecimal ones, and no zones.
 */
export function canonicalAddress(text: string): string | null {
  if (isIP(text) === 0 || text.includes("%")) return null;
  return ipaddr.parse(text).toString();
}

/** Why an address, in its canonical form, is not one of the public internet. */
export function specialKind(address: string): SpecialKind {
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== "unicast") return words[range] ?? "a reserved address";
  if (METADATA.has(address)) return "an address of a metadata service";
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST)) return "a reserved address";
  return isOwn(address) ? "an address of the host itself" : null;
}

/** The addresses of this computer, as they were at some time. */
let own: { time: number; addresses: ReadonlySet<string | null> } = { time: -1, addresses: new Set() };
/** Interfaces come and go, and asking for them takes longer than all else. In milliseconds. */
const FRESH = 1000;

/** Whoever connects to one of these reaches what listens on all addresses, past every firewall. */
function isOwn(address: string): boolean {
  const now = performance.now();
  if (own.time < 0 || now - own.time > FRESH) {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    own = { time: now, addresses: new Set(all.map((one) => canonicalAddress(one.address))) };
  }
  return own.addresses.has(address);
}
