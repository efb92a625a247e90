/** Pairs that are kept; the oldest go first. */
const MAX_ADDRESSES = 4096;
/** Names of one address that are kept. */
const MAX_NAMES = 16;

/**
 * The names that a runtime was told an address for. A connection to an address is judged as one to these
 * names; for how long they are kept doesn't matter, since it is the address that is connected to.
 */
export class ResolvedNames {
  readonly #names = new Map<string, readonly string[]>();

  add(name: string, addresses: readonly string[]): void {
    for (const address of addresses) {
      const before = this.#names.get(address) ?? [];
      this.#names.delete(address);
      this.#names.set(address, [...before.filter((other) => other !== name), name].slice(-MAX_NAMES));
    }
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= MAX_ADDRESSES) break;
      this.#names.delete(oldest);
    }
  }

  /** The last one told is the first. */
  of(address: string): readonly string[] {
    return this.#names.get(address)?.toReversed() ?? [];
  }
}
