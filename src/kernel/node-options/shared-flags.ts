/** Few machines ever need that module. */
function setFlag(flag: string): void {
  process.getBuiltinModule("node:v8").setFlagsFromString(`--${flag}`);
}

/** V8's flags that some process of the machine has asked for: each is set while at least one has it. */
export class SharedFlags {
  readonly #users = new Map<string, number>();

  acquire(flags: readonly string[]): void {
    for (const flag of flags) {
      const users = this.#users.get(flag) ?? 0;
      if (users === 0) setFlag(flag);
      this.#users.set(flag, users + 1);
    }
  }

  release(flags: readonly string[]): void {
    for (const flag of flags) {
      const users = (this.#users.get(flag) ?? 1) - 1;
      this.#users.set(flag, users);
      if (users === 0) setFlag(`no-${flag}`);
    }
  }
}
