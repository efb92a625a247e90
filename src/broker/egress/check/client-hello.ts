import { HeldBytes } from "./held-bytes.js";

/*
 * The name in the first message of a TLS connection, read as far as it takes to find it. Whatever is not as
 * the standard says is refused: a server may read it otherwise.
 */

/** What a client says before all else has no reason to be longer. */
const MAX_HELLO = 16 * 1024;

const RECORD_HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ENCRYPTED_HELLO = 0xfe0d;
const NAME_OF_HOST = 0;

/** The name that was found, why there is none, or null for too few bytes yet. */
export type ServerName = { name: string } | { refused: string } | null;

/** Thrown when a length leads beyond its surroundings. */
class Malformed extends Error {}

/** Bytes that are read from the front. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new Malformed();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(bytes: number): number {
    return this.take(bytes).reduce((number, byte) => number * 256 + byte, 0);
  }

  /** What follows after its own length, which has so many bytes. */
  vector(lengthBytes: number): Reader {
    return new Reader(this.take(this.number(lengthBytes)));
  }
}

/** Reads the bytes that a connection begins with, as they come. */
export class ClientHello {
  readonly #message = new HeldBytes();
  /** The header of a record, as far as it has come. */
  readonly #header: number[] = [];
  /** Bytes of the record that are still to come. */
  #left = 0;

  push(bytes: Uint8Array): ServerName {
    try {
      for (let at = 0; at < bytes.length; ) {
        at += this.#take(bytes.subarray(at));
        const hello = this.#whole();
        if (hello !== null) return nameIn(hello);
      }
      return null;
    } catch (error) {
      if (error instanceof Malformed) return { refused: "its TLS greeting is malformed" };
      throw error;
    }
  }

  /** Takes bytes of one record, which the message may be cut up into, and answers how many. */
  #take(bytes: Uint8Array): number {
    if (this.#left > 0) {
      const part = bytes.subarray(0, this.#left);
      this.#message.push(part);
      this.#left -= part.length;
      return part.length;
    }
    const length = this.#header.push(bytes[0] as number);
    const [type, version = 3, , high = 0, low = 0] = this.#header;
    if (type !== RECORD_HANDSHAKE || version !== 3) throw new Malformed();
    if (length === 5) {
      this.#left = high * 256 + low;
      this.#header.length = 0;
      if (this.#left === 0 || this.#left > MAX_HELLO) throw new Malformed();
    }
    return 1;
  }

  /** The body of the message; null while it is not whole. */
  #whole(): Reader | null {
    const { bytes } = this.#message;
    if (bytes.length < 4) return null;
    const wanted = bytes.readUIntBE(1, 3);
    if (bytes[0] !== CLIENT_HELLO || wanted > MAX_HELLO) throw new Malformed();
    return bytes.length < 4 + wanted ? null : new Reader(bytes.subarray(4, 4 + wanted));
  }
}

function nameIn(hello: Reader): ServerName {
  hello.take(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  let name: string | null = null;
  const seen = new Set<number>();
  const extensions = hello.left === 0 ? new Reader(new Uint8Array()) : hello.vector(2);
  if (hello.left > 0) throw new Malformed();
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (seen.has(type)) throw new Malformed();
    seen.add(type);
    if (type === EXTENSION_ENCRYPTED_HELLO) return { refused: "its TLS greeting is encrypted" };
    if (type === EXTENSION_SERVER_NAME) name = hostName(body);
  }
  return name === null ? { refused: "its TLS greeting names no server" } : { name };
}

/** One name of one kind is all that the standard has. */
function hostName(body: Reader): string {
  const list = body.vector(2);
  if (body.left > 0 || list.number(1) !== NAME_OF_HOST) throw new Malformed();
  const name = list.vector(2);
  if (list.left > 0) throw new Malformed();
  return Buffer.from(name.take(name.left)).toString("latin1");
}
