import { LATER } from "../../syscall/channel.js";
import { EINVAL } from "../../syscall/errno.js";
import { SYS_BIND, SYS_CONNECT, SYS_LISTEN, SYS_SEND, SYS_UNBOUND } from "../../syscall/numbers.js";
import type { GuestThread } from "../guest-thread.js";
import { isInet, parseName } from "./address.js";
import type { Asker, Network } from "./network.js";

/** Does what the threads of a process ask of the network. */
export class NetworkCalls {
  readonly #network: Network;
  readonly #asker: Asker;

  constructor(network: Network, asker: Asker) {
    this.#network = network;
    this.#asker = asker;
  }

  /** Answers as a `CallHandler`; undefined for any other call. */
  handle(
    { channel, id, files }: GuestThread,
    nr: number,
    a: number,
    b: number,
    bytes: Uint8Array,
    sequence: number,
  ): number | typeof LATER | undefined {
    const network = this.#network;
    switch (nr) {
      case SYS_BIND: {
        const name = parseName(bytes);
        if (name === null) return -EINVAL;
        network.bind(this.#asker, a, b, name).then((bound) => {
          if (typeof bound === "number") channel.reply(sequence, bound);
          else {
            // A handle ends with the thread that it is in.
            if (files !== this.#asker.files) this.#asker.files.keep(bound.fd, id);
            channel.reply(sequence, bound.fd, new Uint8Array(new Int32Array([bound.number]).buffer));
          }
        });
        return LATER;
      }
      case SYS_LISTEN:
        network.listen(this.#asker, a, b).then((result) => channel.reply(sequence, result));
        return LATER;
      case SYS_CONNECT:
        network.connect(this.#asker, a, b, parseName(bytes));
        return 0;
      case SYS_SEND: {
        const name =
          Number.isInteger(b) && b >= 0 && b <= bytes.length ? parseName(bytes.subarray(0, b)) : null;
        if (name === null || !isInet(name)) return -EINVAL;
        const datagram = Uint8Array.prototype.slice.call(bytes, b);
        network.send(this.#asker, a, name, datagram).then((result) => channel.reply(sequence, result));
        return LATER;
      }
      case SYS_UNBOUND:
        network.sweep();
        return 0;
      default:
        return undefined;
    }
  }
}
