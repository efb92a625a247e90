import { CommandError } from "../errors.js";
import type { Action, Address, RangeEnd, SedCommand, Selection } from "./script.js";
import { Source } from "./source.js";
import { parseReplacement, parseTransliteration } from "./substitution.js";

/** A piece of the script: an expression of the command line, or a file. */
export interface Piece {
  text: string;
  name: string;
}

/** Makes commands of a script. */
export class ScriptParser {
  readonly #extended: boolean;
  readonly #commands: SedCommand[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { action: { target: number }; label: string }[] = [];
  readonly #blocks: { end: number }[] = [];

  constructor(extended: boolean) {
    this.#extended = extended;
  }

  parse(pieces: readonly Piece[]): SedCommand[] {
    for (const { text, name } of pieces) {
      const source = new Source(text, name, this.#extended);
      while (this.#command(source));
    }
    if (this.#blocks.length > 0) throw new CommandError("-e expression #1, char 0: unmatched `{'");
    for (const { action, label } of this.#jumps) {
      const target = label === "" ? -1 : this.#labels.get(label);
      if (target === undefined) throw new CommandError(`can't find label for jump to \`${label}'`);
      action.target = target;
    }
    return this.#commands;
  }

  #command(source: Source): boolean {
    source.skip(/[\s;]/);
    if (source.done) return false;
    if (source.peek === "#") {
      source.take(/[^\n]*/y);
      return true;
    }
    const selection = selectionOf(source);
    source.skip(/\s/);
    while (source.peek === "!") {
      source.next();
      if (selection.negated) source.fail("multiple `!'s");
      selection.negated = true;
      source.skip(/\s/);
    }
    const action = this.#action(source, selection);
    this.#commands.push({ selection, action, range: { active: selection.early, last: 0 } });
    return true;
  }

  #action(source: Source, selection: Selection): Action {
    if (source.done) source.fail("missing command");
    const name = source.next();
    switch (name) {
      case "{": {
        const action = { name, end: 0 } as const satisfies Action;
        this.#blocks.push(action as { end: number });
        return action;
      }
      case "}":
        return this.#close(source, selection);
      case ":": {
        if (selection.from !== null) source.fail(": doesn't want any addresses");
        const label = source.take(/[ \t]*([^\n;]*)/y).trim();
        if (label === "") source.fail('":" lacks a label');
        this.#labels.set(label, this.#commands.length);
        return { name };
      }
      case "b":
      case "t":
      case "T": {
        const action = { name, target: -1 } satisfies Action;
        this.#jumps.push({ action, label: source.take(/[ \t]*[^\n;}]*/y).trim() });
        return action;
      }
      case "a":
      case "i":
      case "c":
        return { name, text: textOf(source, name) };
      case "r":
      case "R":
      case "w":
      case "W":
        return { name, file: source.file() };
      case "s":
        return { name, substitution: parseReplacement(source) };
      case "y":
        return { name, map: parseTransliteration(source) };
      case "q":
      case "Q":
      case "l": {
        const number = source.take(/[ \t]*\d*/y).trim();
        source.end();
        if (name === "l") return { name, width: number === "" ? null : Number(number) };
        if (selection.to !== null) source.fail("command only uses one address");
        return { name, status: Number(number) };
      }
      case "=":
      case "d":
      case "D":
      case "g":
      case "G":
      case "h":
      case "H":
      case "n":
      case "N":
      case "p":
      case "P":
      case "x":
      case "z":
      case "F":
        source.end();
        return { name };
      case ",":
        return source.fail("unexpected `,'");
      case "e":
        return source.fail("e/r/w commands disabled in sandbox mode");
      default:
        return source.fail(`unknown command: \`${name}'`);
    }
  }

  #close(source: Source, selection: Selection): Action {
    const block = this.#blocks.pop();
    if (block === undefined) return source.fail("unexpected `}'");
    if (selection.from !== null) source.fail("} doesn't want any addresses");
    block.end = this.#commands.length;
    source.end();
    return { name: "}" };
  }
}

function selectionOf(source: Source): Selection {
  const from = addressOf(source);
  const selection: Selection = { from, to: null, negated: false, early: false };
  if (from === null) return selection;
  source.skip(/\s/);
  const zero = from.kind === "line" && from.number === 0;
  if (source.peek !== ",") {
    if (zero) {
      source.next();
      source.fail("invalid usage of line address 0");
    }
    return selection;
  }
  source.next();
  source.skip(/\s/);
  const to = rangeEndOf(source);
  if (to === null) {
    source.next();
    return source.fail("unexpected `,'");
  }
  if (zero && to.kind !== "regex") source.fail("invalid usage of line address 0");
  return { ...selection, to, early: zero };
}

function rangeEndOf(source: Source): RangeEnd | null {
  const mark = source.peek;
  if (mark !== "+" && mark !== "~") return addressOf(source);
  source.next();
  const digits = source.take(/\d*/y);
  if (digits === "") return source.fail("expected number");
  return mark === "+" ? { kind: "more", count: Number(digits) } : { kind: "multiple", of: Number(digits) };
}

function addressOf(source: Source): Address | null {
  const digits = source.take(/\d*/y);
  if (digits !== "") {
    const step = source.take(/(?:[ \t]*~[ \t]*\d*)?/y);
    if (step === "") return { kind: "line", number: Number(digits) };
    return { kind: "step", first: Number(digits), step: Number(step.replace(/[ \t~]/g, "")) };
  }
  if (source.peek === "$") {
    source.next();
    return { kind: "last" };
  }
  if (source.peek !== "/" && source.peek !== "\\") return null;
  if (source.next() === "\\") source.next();
  const pattern = source.delimited(true);
  if (pattern === null) return source.fail("unterminated address regex");
  const flags = source.take(/[IM]*/y);
  return { kind: "regex", regex: source.regex(pattern, flags) };
}

/** What `a`, `i` and `c` put in: behind the command, or on the next lines. */
function textOf(source: Source, name: string): string {
  source.take(/[ \t]*/y);
  if (source.done) return source.fail("expected \\ after `a', `c' or `i'");
  // Behind a backslash the text keeps the blanks that it begins with.
  const onNextLine = source.take(/\\[ \t]*\n[ \t]*/y);
  if (onNextLine === "") source.take(/\\(?=[ \t])|\\$/y);
  else if (source.done) return source.fail(`incomplete command`);
  let text = onNextLine === "" ? "" : onNextLine.replace(/^\\[ \t]*\n/, "");
  while (!source.done && source.peek !== "\n") {
    const character = source.next();
    if (character !== "\\") text += character;
    else if (!source.done) text += source.next();
  }
  return name === "a" && text === "" && source.done ? "" : `${text}\n`;
}
