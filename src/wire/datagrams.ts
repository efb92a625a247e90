/** Datagrams in a stream: each after its length, two bytes, little-endian. */
const HEAD = 2;

/** The most bytes of a datagram, as over IPv4. */
export const MAX_DATAGRAM = 65_507;

/** A datagram as a stream carries it. */
export function frameDatagram(datagram: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD + datagram.length);
  frame[0] = datagram.length & 255;
  frame[1] = datagram.length >>> 8;
  frame.set(datagram, HEAD);
  return frame;
}

/** Takes the datagrams out of a stream, whose pieces may cut them anywhere. */
export class DatagramReader {
  readonly #head = new Uint8Array(HEAD);
  #headed = 0;
  #datagram = new Uint8Array(0);
  #filled = 0;

  /** The datagrams that are whole by now. */
  push(bytes: Uint8Array): Uint8Array[] {
    const whole: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#headed < HEAD) {
        this.#head[this.#headed++] = bytes[at++] as number;
        if (this.#headed < HEAD) continue;
        this.#datagram = new Uint8Array((this.#head[0] as number) | ((this.#head[1] as number) << 8));
        this.#filled = 0;
      } else {
        const part = bytes.subarray(at, at + this.#datagram.length - this.#filled);
        this.#datagram.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
      }
      if (this.#filled < this.#datagram.length) continue;
      whole.push(this.#datagram);
      this.#headed = 0;
    }
    return whole;
  }
}
