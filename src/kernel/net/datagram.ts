import { DATAGRAM_HEAD } from "../../disk/socket.js";

/** A datagram as it lies in a queue, with the name of who sent it. */
export function datagramBytes(name: Uint8Array, bytes: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(DATAGRAM_HEAD + name.length + bytes.length);
  datagram[0] = name.length;
  datagram[2] = bytes.length & 255;
  datagram[3] = bytes.length >>> 8;
  datagram.set(name, DATAGRAM_HEAD);
  datagram.set(bytes, DATAGRAM_HEAD + name.length);
  return datagram;
}
