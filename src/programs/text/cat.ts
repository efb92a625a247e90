import type { Command } from "../command.js";
import { eachInput } from "../io/files.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { parseOptions } from "../options.js";

export const cat: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "AbeEnstTuv",
    names: {
      "show-all": "A",
      "number-nonblank": "b",
      "show-ends": "E",
      number: "n",
      "squeeze-blank": "s",
      "show-tabs": "T",
      "show-nonprinting": "v",
    },
  });
  const has = (...letters: string[]) => letters.some((letter) => options.has(letter));
  const style: Style = {
    number: has("b") ? "nonblank" : has("n") ? "all" : null,
    squeeze: has("s"),
    ends: has("A", "E", "e"),
    tabs: has("A", "T", "t"),
    visible: has("A", "v", "e", "t"),
  };
  const plain = Object.values(style).every((one) => !one);
  const decorator = new Decorator(style);
  return eachInput(context, options.operands, async (input) => {
    if (plain) for await (const chunk of input.chunks()) await context.stdout(chunk);
    else
      for await (const { lines, ended } of lineBatches(input)) {
        const shown = lines.flatMap((line, at) => decorator.line(line, ended || at < lines.length - 1));
        await context.stdout(joinLines(shown, "latin1", "\n", ended));
      }
  });
};

interface Style {
  number: "all" | "nonblank" | null;
  squeeze: boolean;
  ends: boolean;
  tabs: boolean;
  visible: boolean;
}

class Decorator {
  readonly #style: Style;
  #number = 0;
  #blank = false;

  constructor(style: Style) {
    this.#style = style;
  }

  /** The line as it is shown; none at all where it is one blank line too many. */
  line(line: string, ended: boolean): string[] {
    const { number, squeeze, ends, tabs, visible } = this.#style;
    if (squeeze && line === "" && this.#blank) return [];
    this.#blank = line === "";
    let shown = visible ? line.replace(/[^\t -~]/g, made) : line;
    if (tabs) shown = shown.replaceAll("\t", "^I");
    if (ends && ended) shown += "$";
    if (number === "all" || (number === "nonblank" && line !== ""))
      shown = `${String(++this.#number).padStart(6)}\t${shown}`;
    return [shown];
  }
}

/** What cannot be printed, as `^A`, `M-a`. */
function made(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 128) return `M-${String.fromCharCode(code - 128).replace(/[^ -~]/, made)}`;
  return code === 127 ? "^?" : `^${String.fromCharCode(code + 64)}`;
}
