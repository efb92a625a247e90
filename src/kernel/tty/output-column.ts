const [BACKSPACE, TAB, NEWLINE, RETURN] = [8, 9, 10, 13];
const TAB_WIDTH = 8;

/** The column that a byte of UTF-8 leads to; the screen's own width is not known here. */
export function columnAfter(column: number, byte: number): number {
  if (byte === NEWLINE || byte === RETURN) return 0;
  if (byte === BACKSPACE) return Math.max(0, column - 1);
  if (byte === TAB) return column + TAB_WIDTH - (column % TAB_WIDTH);
  // Neither control characters nor the further bytes of a character take a place.
  return byte < 0x20 || byte === 0x7f || (byte & 0xc0) === 0x80 ? column : column + 1;
}

/** What a terminal does with what is written to it (OPOST and ONLCR), and where that leaves the cursor. */
export class OutputColumn {
  /** Where the cursor is. */
  at = 0;

  /** The bytes as the screen gets them, in memory of their own. */
  process(bytes: Uint8Array): Uint8Array {
    let newlines = 0;
    for (const byte of bytes) {
      if (byte === NEWLINE) newlines++;
      this.at = columnAfter(this.at, byte);
    }
    const result = new Uint8Array(bytes.length + newlines);
    let length = 0;
    for (const byte of bytes) {
      if (byte === NEWLINE) result[length++] = RETURN;
      result[length++] = byte;
    }
    return result;
  }
}
