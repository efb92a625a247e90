import { isIP, SocketAddress } from "node:net";
import {
  FAMILY_ABSTRACT,
  FAMILY_IPV4,
  FAMILY_IPV6,
  FAMILY_UNIX,
  MAX_NAME_TEXT,
  NAME_TEXT,
  OWN_IPV4,
  OWN_IPV6,
} from "../../syscall/socket-name.js";

/** An IP address and a port. */
export interface InetAddress {
  readonly family: 4 | 6;
  /** As `inet_ntop` writes it. */
  readonly address: string;
  readonly port: number;
}

/** What has no IP address; the text has a character for each byte. */
export interface LocalName {
  readonly family: typeof FAMILY_UNIX | typeof FAMILY_ABSTRACT;
  readonly text: string;
}

export type SocketName = InetAddress | LocalName;

const MAPPED = "::ffff:";

export function isInet(name: SocketName): name is InetAddress {
  return name.family === 4 || name.family === 6;
}

/** What a guest sent, which need not make sense: null then. */
export function parseName(bytes: Uint8Array): SocketName | null {
  const family = bytes[0];
  const length = bytes[1] as number;
  if (bytes.length < NAME_TEXT || length > MAX_NAME_TEXT || NAME_TEXT + length > bytes.length) return null;
  const text = Buffer.from(bytes.subarray(NAME_TEXT, NAME_TEXT + length)).toString("latin1");
  if (family === FAMILY_UNIX || family === FAMILY_ABSTRACT) return { family, text };
  if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) return null;
  return inetAddress(text, (bytes[2] as number) | ((bytes[3] as number) << 8));
}

/** An address by its text; null where that is none. */
export function inetAddress(text: string, port: number): InetAddress | null {
  const bare = text.split("%", 1)[0] as string;
  const family = isIP(bare);
  if (family !== 4 && family !== 6) return null;
  const { address } = new SocketAddress({ address: bare, family: family === 4 ? "ipv4" : "ipv6" });
  return { family, address, port };
}

export function nameBytes(name: SocketName): Uint8Array {
  const text = Buffer.from(isInet(name) ? name.address : name.text, "latin1");
  const bytes = new Uint8Array(NAME_TEXT + text.length);
  bytes[0] = name.family;
  bytes[1] = text.length;
  if (isInet(name)) {
    bytes[2] = name.port & 255;
    bytes[3] = name.port >>> 8;
  }
  bytes.set(text, NAME_TEXT);
  return bytes;
}

/** All addresses of the machine. */
export function isWildcard({ address }: InetAddress): boolean {
  return address === "0.0.0.0" || address === "::" || address === `${MAPPED}0.0.0.0`;
}

/** An address of the machine's own: of the loopback, or made up. */
export function isOwn({ address }: InetAddress): boolean {
  const bare = plain(address);
  return bare === "::1" || bare === OWN_IPV4 || bare === OWN_IPV6 || bare.startsWith("127.");
}

/** The address that what goes to one of the machine's own seems to come from. */
export function sourceFor({ family, address }: InetAddress): string {
  if (address === OWN_IPV4 || address === OWN_IPV6) return address;
  return family === 4 ? "127.0.0.1" : "::1";
}

/** Without what makes an IPv4 address an IPv6 one. */
function plain(address: string): string {
  return address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
}

/** The same address as an IPv4 one, where it is that in truth. */
export function unmapped(name: InetAddress): InetAddress {
  const address = plain(name.address);
  return address === name.address ? name : { family: 4, address, port: name.port };
}

/** The same address as a socket of a family shows it. */
export function asFamily(name: InetAddress, family: 4 | 6): InetAddress {
  if (name.family === family) return name;
  return family === 6 ? { ...name, family, address: MAPPED + name.address } : unmapped(name);
}

/** Where a connection to an address goes in truth: to all addresses is to this machine. */
export function destination(name: InetAddress): InetAddress {
  const real = unmapped(name);
  if (!isWildcard(real)) return real;
  return { ...real, address: real.family === 4 ? "127.0.0.1" : "::1" };
}
