import { type InetAddress, isInet, isWildcard, type SocketName, unmapped } from "./address.js";

/** A socket that has a name. */
export interface Binding {
  /** What the disk knows a path by, and nothing else. */
  readonly number: number;
  readonly kind: number;
  readonly name: SocketName;
  readonly ipv6Only: boolean;
  /** Others that say so too may have the same name. */
  readonly shared: boolean;
  /** The open file that its queue is filled by, the kernel's own. */
  readonly queue: number;
  /** The queue's inode, which is nobody else's for as long as it is open. */
  readonly inode: number;
  /** The process that made it. */
  readonly pid: number;
  /** How many connections may wait; 0 while it doesn't listen. */
  backlog: number;
}

const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;

/** More sockets than this have no names at a time. */
export const MAX_BINDINGS = 4096;

function between(first: number, last: number): number {
  return first + Math.floor(Math.random() * (last - first));
}

/** Which sockets have which names. */
export class Bindings {
  readonly #all = new Map<number, Binding>();
  readonly #ports = new Map<number, Set<Binding>>();
  // Numbers of an earlier machine may stand on the disk still.
  #number = between(1, 2 ** 30);
  #port = between(FIRST_EPHEMERAL, LAST_EPHEMERAL);

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Binding> {
    return this.#all.values();
  }

  nextNumber(): number {
    do this.#number = this.#number >= 0x7fffffff ? 1 : this.#number + 1;
    while (this.#all.has(this.#number));
    return this.#number;
  }

  /** A port that nobody has; 0 if there is none. */
  freePort(): number {
    for (let tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
      this.#port = this.#port >= LAST_EPHEMERAL ? FIRST_EPHEMERAL : this.#port + 1;
      if (!this.#ports.has(this.#port)) return this.#port;
    }
    return 0;
  }

  add(binding: Binding): void {
    this.#all.set(binding.number, binding);
    if (!isInet(binding.name)) return;
    const { port } = binding.name;
    const there = this.#ports.get(port) ?? new Set();
    this.#ports.set(port, there.add(binding));
  }

  /** False if it was gone already. */
  remove(binding: Binding): boolean {
    if (!this.#all.delete(binding.number)) return false;
    if (!isInet(binding.name)) return true;
    const { port } = binding.name;
    const there = this.#ports.get(port);
    there?.delete(binding);
    if (there?.size === 0) this.#ports.delete(port);
    return true;
  }

  /** Others with the same name come first next time. */
  takeTurn(binding: Binding): void {
    const there = isInet(binding.name) ? this.#ports.get(binding.name.port) : undefined;
    if (there?.delete(binding)) there.add(binding);
  }

  byNumber(number: number): Binding | undefined {
    return this.#all.get(number);
  }

  byInode(inode: number): Binding | undefined {
    for (const binding of this.#all.values()) if (binding.inode === inode) return binding;
    return undefined;
  }

  /** Those with a name that keeps others of the kind from having this one. */
  conflicting(wanted: Pick<Binding, "kind" | "name" | "ipv6Only" | "shared">): Binding[] {
    const there = isInet(wanted.name) ? this.#ports.get(wanted.name.port) : this.#all.values();
    return [...(there ?? [])].filter(
      (other) => other.kind === wanted.kind && !(other.shared && wanted.shared) && overlap(other, wanted),
    );
  }

  /** Who gets what is sent to an address, the nearest name first. */
  at(kind: number, { family, address, port }: InetAddress): Binding[] {
    const candidates = [...(this.#ports.get(port) ?? [])].filter(
      (binding) => binding.kind === kind && isInet(binding.name) && takes(binding, binding.name, family),
    );
    const named = (binding: Binding) => unmapped(binding.name as InetAddress).address === address;
    const exact = candidates.filter(named);
    const wild = candidates.filter((binding) => isWildcard(binding.name as InetAddress));
    return [
      ...exact,
      ...wild.filter(({ name }) => name.family === family),
      ...wild.filter(({ name }) => name.family !== family),
    ];
  }
}

function takes({ ipv6Only }: Binding, name: InetAddress, family: 4 | 6): boolean {
  if (unmapped(name).family === family) return true;
  return family === 4 && isWildcard(name) && !ipv6Only;
}

type Named = Pick<Binding, "name" | "ipv6Only">;

function overlap(one: Named, other: Named): boolean {
  if (!isInet(one.name) || !isInet(other.name)) {
    return (
      !isInet(one.name) &&
      !isInet(other.name) &&
      one.name.family === other.name.family &&
      one.name.text === other.name.text
    );
  }
  const first = unmapped(one.name);
  const second = unmapped(other.name);
  if (first.family !== second.family) {
    const six = first.family === 6 ? one : other;
    return isWildcard(six.name as InetAddress) && !six.ipv6Only;
  }
  return first.address === second.address || isWildcard(first) || isWildcard(second);
}
