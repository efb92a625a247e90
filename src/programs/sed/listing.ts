import { encodeText } from "../io/text.js";

const letters: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** What `l` shows: no byte of it is invisible, and no line wider than `width`, unless that is 0 or 1. */
export function listing(text: string, width: number): string {
  let out = "";
  let column = 0;
  for (const byte of encodeText(text)) {
    const character = String.fromCharCode(byte);
    const shown =
      letters[character] ?? (byte >= 32 && byte < 127 ? character : `\\${byte.toString(8).padStart(3, "0")}`);
    if (width > 1 && column + shown.length > width - 1) {
      out += "\\\n";
      column = 0;
    }
    out += shown;
    column += shown.length;
  }
  return `${out}$\n`;
}
