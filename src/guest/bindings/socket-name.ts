import { FAMILY_IPV4, FAMILY_IPV6, MAX_NAME_TEXT, NAME_TEXT } from "../../syscall/socket-name.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";

const { Uint8Array: ByteView } = primordials;
const { latin1WriteStatic, latin1Slice } = internalBinding("buffer");
const { canonicalizeIP } = internalBinding("cares_wrap");

const scratch: Uint8Array = new ByteView(NAME_TEXT + MAX_NAME_TEXT);

/** A name for the kernel, until the next one is made: its length is `nameLength`. */
export function encodeName(family: number, text: string, port: number): Uint8Array {
  scratch[0] = family;
  scratch[1] = text.length;
  scratch[2] = port & 255;
  scratch[3] = port >>> 8;
  latin1WriteStatic(scratch, text, NAME_TEXT, text.length);
  return scratch;
}

export function nameLength(): number {
  return NAME_TEXT + (scratch[1] as number);
}

/** Whether a text is an address of the family. */
export function isAddress(text: unknown, family: number): boolean {
  if (typeof text !== "string" || text.length > MAX_NAME_TEXT) return false;
  const canonical = canonicalizeIP(text);
  if (canonical === undefined) return false;
  return primordials.StringPrototypeIncludes(canonical, ":") === (family === FAMILY_IPV6);
}

export function isAnyAddress(text: unknown): boolean {
  return isAddress(text, FAMILY_IPV4) || isAddress(text, FAMILY_IPV6);
}

/** What `socket.address()` and the sender of a datagram are. */
export interface SocketAddress {
  address: string;
  family: "IPv4" | "IPv6";
  port: number;
}

/** The address in the bytes of a name; null where it is no IP address. */
export function readName(bytes: Uint8Array, at: number): SocketAddress | null {
  const family = bytes[at];
  if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) return null;
  const text = at + NAME_TEXT;
  return {
    address: latin1Slice(bytes, text, text + (bytes[at + 1] as number)),
    family: family === FAMILY_IPV4 ? "IPv4" : "IPv6",
    port: (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8),
  };
}

/** Fills in what `socket.address()` answers; 0, or a negative errno. */
export function readAddress({ disk }: GuestEnv, file: number, peer: boolean, out: Internal): number {
  const length = disk.sockets.name(file, peer);
  if (length < 0) return length;
  const name = readName(disk.result, 0);
  if (name === null) return 0;
  out.address = name.address;
  out.family = name.family;
  out.port = name.port;
  return 0;
}
