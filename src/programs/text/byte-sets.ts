import { CommandError, quoted } from "../errors.js";

/** A part of what `tr` is given: bytes, and how often they come. */
export interface Element {
  bytes: number[];
  /** The name of the class that they are. */
  name?: string;
  /** `[x*n]`; 0 is as often as needed. */
  repeat?: number;
}

const between = (first: string, last: string): number[] => {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
};

const isPunctuation = (byte: number) => !/[A-Za-z0-9]/.test(String.fromCharCode(byte));

const classes: Readonly<Record<string, number[]>> = {
  alnum: [...between("0", "9"), ...between("A", "Z"), ...between("a", "z")],
  alpha: [...between("A", "Z"), ...between("a", "z")],
  blank: [9, 32],
  cntrl: [...between("\0", "\x1f"), 127],
  digit: between("0", "9"),
  graph: between("!", "~"),
  lower: between("a", "z"),
  print: between(" ", "~"),
  punct: between("!", "~").filter(isPunctuation),
  space: [9, 10, 11, 12, 13, 32],
  upper: between("A", "Z"),
  xdigit: [...between("0", "9"), ...between("A", "F"), ...between("a", "f")],
};

const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** The bytes of a set, those that come as often as needed so often that there are `length`. */
export function expand(elements: readonly Element[], length: number | null): number[] {
  const known = elements.reduce((sum, { bytes, repeat }) => sum + bytes.length * (repeat ?? 1), 0);
  return elements.flatMap(({ bytes, repeat = 1 }) => {
    const times = repeat > 0 ? repeat : Math.max(0, (length ?? 0) - known);
    return times === 1 ? bytes : Array.from({ length: times }, () => bytes[0] as number);
  });
}

/** Reads what `tr` is given: bytes, ranges, classes, repeats and escapes. */
export function byteSet(text: string): Element[] {
  const source = Buffer.from(text).toString("latin1");
  const elements: Element[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const bracket = bracketed(rest);
    if (bracket !== null) {
      elements.push(bracket.element);
      at += bracket.length;
      continue;
    }
    const first = character(source, at);
    at += first.length;
    if (source[at] !== "-" || at + 1 >= source.length) {
      elements.push({ bytes: [first.byte] });
      continue;
    }
    const last = character(source, at + 1);
    if (last.byte < first.byte)
      throw new CommandError(
        `range-endpoints of ${quoted(source.slice(at - first.length, at + 1 + last.length))} are in reverse collating sequence order`,
      );
    at += 1 + last.length;
    elements.push({ bytes: between(String.fromCharCode(first.byte), String.fromCharCode(last.byte)) });
  }
  return elements;
}

function bracketed(text: string): { element: Element; length: number } | null {
  const [whole, name] = /^\[:([^:]*):\]/.exec(text) ?? [];
  if (whole !== undefined && name !== undefined) {
    const bytes = classes[name];
    if (bytes === undefined) throw new CommandError(`invalid character class ${quoted(name)}`);
    return { element: { bytes, name }, length: whole.length };
  }
  const [same, byte] = /^\[=([\s\S])=\]/.exec(text) ?? [];
  if (same !== undefined && byte !== undefined)
    return { element: { bytes: [byte.charCodeAt(0)] }, length: same.length };
  const [repeated, one, count] = /^\[(\\[0-7]{1,3}|\\?[\s\S])\*(\d*)\]/.exec(text) ?? [];
  if (repeated === undefined || one === undefined) return null;
  const repeat = Number.parseInt(count || "0", count?.startsWith("0") ? 8 : 10);
  return { element: { bytes: [character(one, 0).byte], repeat }, length: repeated.length };
}

function character(source: string, at: number): { byte: number; length: number } {
  if (source[at] !== "\\" || at + 1 === source.length) return { byte: source.charCodeAt(at), length: 1 };
  const [octal] = /^[0-3]?[0-7]{1,2}/.exec(source.slice(at + 1)) ?? [];
  if (octal !== undefined) return { byte: Number.parseInt(octal, 8), length: 1 + octal.length };
  const letter = source.charAt(at + 1);
  return { byte: escapes[letter] ?? letter.charCodeAt(0), length: 2 };
}
