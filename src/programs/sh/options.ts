/** The options of `set`, by their letters where they have one. */
export const setOptions = {
  allexport: "a",
  errexit: "e",
  noglob: "f",
  monitor: "m",
  noexec: "n",
  nounset: "u",
  verbose: "v",
  xtrace: "x",
  noclobber: "C",
  pipefail: "",
} as const;

export type SetOption = keyof typeof setOptions;

/** The options of `shopt`. */
export const shoptOptions = [
  "dotglob",
  "expand_aliases",
  "extglob",
  "failglob",
  "globstar",
  "lastpipe",
  "nocaseglob",
  "nocasematch",
  "nullglob",
] as const;

export type ShoptOption = (typeof shoptOptions)[number];

export class Options {
  readonly #on: Set<SetOption | ShoptOption>;

  constructor(on: Iterable<SetOption | ShoptOption> = ["extglob"]) {
    this.#on = new Set(on);
  }

  copy(): Options {
    return new Options(this.#on);
  }

  has(option: SetOption | ShoptOption): boolean {
    return this.#on.has(option);
  }

  set(option: SetOption | ShoptOption, on: boolean): void {
    if (on) this.#on.add(option);
    else this.#on.delete(option);
  }

  /** The letters of `$-`. */
  letters(): string {
    return Object.entries(setOptions)
      .filter(([name]) => this.has(name as SetOption))
      .map(([, letter]) => letter)
      .join("");
  }
}

export function setOptionOf(letter: string): SetOption | undefined {
  return (Object.keys(setOptions) as SetOption[]).find(
    (name) => setOptions[name] === letter && letter !== "",
  );
}
