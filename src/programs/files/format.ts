import { resolveEscapes } from "../text/escapes.js";

const DIRECTIVE = /%([-0 +#']*)(\d*)(?:\.(\d+))?([HL]?[a-zA-Z%])/g;

/** Fills in a format such as `stat` has, with escapes where they count. */
export function printFormat(format: string, value: (letter: string) => string, escaped: boolean): Buffer {
  const text = escaped
    ? resolveEscapes(format).bytes.toString("latin1")
    : Buffer.from(format).toString("latin1");
  const filled = text.replace(
    DIRECTIVE,
    (_, flags: string, width: string, precision: string, letter: string) => {
      if (letter === "%") return "%";
      const whole = Buffer.from(value(letter)).toString("latin1");
      const shown = precision === undefined ? whole : whole.slice(0, Number(precision));
      return pad(shown, flags, Number(width));
    },
  );
  return Buffer.from(filled, "latin1");
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") && /^\d/.test(text) ? "0" : " ");
}
