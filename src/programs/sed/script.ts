/** Which line a command is for. */
export type Address =
  | { kind: "line"; number: number }
  | { kind: "step"; first: number; step: number }
  | { kind: "last" }
  /** Null stands for the expression that was used last. */
  | { kind: "regex"; regex: RegExp | null };

/** Where a range ends. */
export type RangeEnd = Address | { kind: "more"; count: number } | { kind: "multiple"; of: number };

export interface Selection {
  from: Address | null;
  to: RangeEnd | null;
  negated: boolean;
  /** `0,/x/`: the range has begun before the first line. */
  early: boolean;
}

/** A part of what is put in the place of a match. */
export type Part =
  | { kind: "text"; text: string }
  | { kind: "group"; number: number }
  /** `\U`, `\L`, `\E`, `\u`, `\l` */
  | { kind: "case"; letter: string };

export interface Substitution {
  regex: RegExp | null;
  parts: Part[];
  global: boolean;
  /** The first match that is replaced. */
  number: number;
  print: boolean;
  file: string | null;
}

export type Action =
  | { name: "{"; end: number }
  | { name: "}" | ":" | "=" | "d" | "D" | "g" | "G" | "h" | "H" | "n" | "N" | "p" | "P" | "x" | "z" | "F" }
  | { name: "a" | "i" | "c"; text: string }
  | { name: "r" | "R" | "w" | "W"; file: string }
  /** -1 stands for the end of the script. */
  | { name: "b" | "t" | "T"; target: number }
  | { name: "q" | "Q"; status: number }
  | { name: "l"; width: number | null }
  | { name: "s"; substitution: Substitution }
  | { name: "y"; map: ReadonlyMap<string, string> };

export interface SedCommand {
  selection: Selection;
  action: Action;
  /** Of its range: the line that it ends with, or that it waits for its end. */
  range: { active: boolean; last: number };
}
