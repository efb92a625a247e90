const simple: Record<string, string> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const ESCAPE =
  /\\(?:([abefnrtv\\])|(0?[0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|(c))/g;

/**
 * Resolves the escapes of `echo -e` and of `printf`. Bytes above 127 come as bytes. `stopped` tells that a
 * `\c` ended the text.
 */
export function resolveEscapes(text: string): { bytes: Buffer; stopped: boolean } {
  const parts: Buffer[] = [];
  let last = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [whole, letter, octal, hexadecimal, short, long, stop] = match;
    parts.push(Buffer.from(text.slice(last, match.index)));
    last = match.index + whole.length;
    if (stop !== undefined) return { bytes: Buffer.concat(parts), stopped: true };
    if (letter !== undefined) parts.push(Buffer.from(simple[letter] as string));
    else if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8) & 255));
    else if (hexadecimal !== undefined) parts.push(Buffer.of(Number.parseInt(hexadecimal, 16)));
    else
      parts.push(
        Buffer.from(String.fromCodePoint(Math.min(Number.parseInt((short ?? long) as string, 16), 0x10ffff))),
      );
  }
  parts.push(Buffer.from(text.slice(last)));
  return { bytes: Buffer.concat(parts), stopped: false };
}
