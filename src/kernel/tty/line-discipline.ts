import { constants } from "node:os";
import { columnAfter, OutputColumn } from "./output-column.js";

const { SIGINT, SIGQUIT, SIGTSTP } = constants.signals;

/** Control characters, as Linux sets them up. */
const [INTERRUPT, QUIT, SUSPEND] = [0x03, 0x1c, 0x1a];
const [END_OF_FILE, ERASE, KILL, WORD_ERASE, LITERAL_NEXT, REPRINT] = [0x04, 0x7f, 0x15, 0x17, 0x16, 0x12];
const [TAB, NEWLINE, RETURN] = [9, 10, 13];

/** The longest line that can be edited, as Linux has it: what goes beyond it rings the bell. */
const MAX_LINE = 4095;

const signals: Readonly<Record<number, number>> = {
  [INTERRUPT]: SIGINT,
  [QUIT]: SIGQUIT,
  [SUSPEND]: SIGTSTP,
};

const BELL = Uint8Array.of(7);

/** What a discipline does beside keeping what was typed. */
export interface DisciplineEvents {
  /** Shows bytes on the screen. */
  show(bytes: Uint8Array): void;
  /** Signals whoever has the terminal. */
  signal(signal: number): void;
}

/**
 * What a terminal makes of the bytes that are typed: lines that can be edited, with an echo and keys that
 * send signals, or in raw mode the bytes themselves. As Linux's `n_tty` with its usual settings, of which raw mode
 * switches off ICANON, ECHO, ISIG, IEXTEN and ICRNL; there is no flow control by ^S and ^Q.
 */
export class LineDiscipline {
  readonly output = new OutputColumn();
  readonly #events: DisciplineEvents;
  #raw = false;
  /** What can be read, in pieces that a read never goes beyond; an empty one is an end of file. */
  #ready: Uint8Array[] = [];
  #readyBytes = 0;
  #line: number[] = [];
  /** The column in which the line begins. */
  #start = 0;
  #literal = false;

  constructor(events: DisciplineEvents) {
    this.#events = events;
  }

  /** Bytes that can be read. */
  get held(): number {
    return this.#readyBytes;
  }

  get readable(): boolean {
    return this.#ready.length > 0;
  }

  get raw(): boolean {
    return this.#raw;
  }

  /** A line that is being typed can be read as it is by then. */
  set raw(raw: boolean) {
    if (raw === this.#raw) return;
    this.#raw = raw;
    this.#literal = false;
    if (this.#line.length > 0) this.#finishLine();
  }

  /** At most so many bytes of what can be read: none at an end of file, null while there is nothing. */
  read(most: number): Uint8Array | null {
    const piece = this.#ready[0];
    if (piece === undefined) return null;
    const taken = piece.subarray(0, most);
    if (taken.length === piece.length) this.#ready.shift();
    else this.#ready[0] = piece.subarray(taken.length);
    this.#readyBytes -= taken.length;
    return taken;
  }

  /** Takes what was typed. */
  type(bytes: Uint8Array): void {
    if (this.#raw) {
      this.#offer(Uint8Array.from(bytes));
      return;
    }
    for (const byte of bytes) this.#key(byte);
  }

  #key(typed: number): void {
    const byte = typed === RETURN && !this.#literal ? NEWLINE : typed;
    if (this.#literal) {
      this.#literal = false;
      this.#insert(byte);
      return;
    }
    switch (byte) {
      case INTERRUPT:
      case QUIT:
      case SUSPEND:
        this.#interrupt(byte);
        break;
      case NEWLINE:
        this.#echo(byte);
        this.#line.push(byte);
        this.#finishLine();
        break;
      case END_OF_FILE:
        this.#finishLine();
        break;
      case ERASE:
        this.#eraseTo(this.#beforeLast(this.#line.length));
        break;
      case WORD_ERASE:
        this.#eraseTo(this.#beforeWord());
        break;
      case KILL:
        this.#eraseTo(0);
        break;
      case LITERAL_NEXT:
        this.#literal = true;
        this.#show("^\b");
        break;
      case REPRINT:
        this.#show("^R\n");
        this.#start = 0;
        for (const each of this.#line) this.#echo(each);
        break;
      default:
        this.#insert(byte);
    }
  }

  #insert(byte: number): void {
    if (this.#line.length >= MAX_LINE) {
      this.#events.show(BELL);
      return;
    }
    if (this.#line.length === 0) this.#start = this.output.at;
    this.#line.push(byte);
    this.#echo(byte);
  }

  /** What was typed before is of no matter any more. */
  #interrupt(byte: number): void {
    this.#line = [];
    this.#ready = [];
    this.#readyBytes = 0;
    this.#echo(byte);
    this.#events.signal(signals[byte] as number);
  }

  /** An empty line, without so much as its end, is the end of a file. */
  #finishLine(): void {
    const line = Uint8Array.from(this.#line);
    this.#line = [];
    this.#ready.push(line);
    this.#readyBytes += line.length;
  }

  /** Bytes without lines are one piece. */
  #offer(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const last = this.#ready.at(-1);
    if (last === undefined || last.length === 0) this.#ready.push(bytes);
    else this.#ready[this.#ready.length - 1] = Buffer.concat([last, bytes]);
    this.#readyBytes += bytes.length;
  }

  /** Where the character before a place in the line begins. */
  #beforeLast(end: number): number {
    let at = Math.max(0, end - 1);
    while (at > 0 && ((this.#line[at] as number) & 0xc0) === 0x80) at--;
    return at;
  }

  /** Where the last word begins: letters and digits, and all that is no such thing behind them. */
  #beforeWord(): number {
    let at = this.#line.length;
    let seen = false;
    while (at > 0) {
      const before = this.#beforeLast(at);
      const letter = isWord(this.#line[before] as number);
      if (seen && !letter) break;
      seen ||= letter;
      at = before;
    }
    return at;
  }

  #eraseTo(length: number): void {
    const columns = this.#columnsOf(this.#line.length) - this.#columnsOf(length);
    this.#line.length = length;
    if (columns > 0) this.#show("\b \b".repeat(columns));
  }

  /** The column behind the first so many bytes of the line. */
  #columnsOf(length: number): number {
    let column = this.#start;
    for (let i = 0; i < length; i++) {
      const byte = this.#line[i] as number;
      column = isHidden(byte) ? column + 2 : columnAfter(column, byte);
    }
    return column;
  }

  #echo(byte: number): void {
    if (isHidden(byte)) this.#show(`^${String.fromCharCode(byte ^ 0x40)}`);
    else this.#events.show(this.output.process(Uint8Array.of(byte)));
  }

  #show(text: string): void {
    this.#events.show(this.output.process(Buffer.from(text)));
  }
}

/** Whether a byte is shown as `^` and a letter. */
function isHidden(byte: number): boolean {
  return (byte < 0x20 && byte !== TAB && byte !== NEWLINE) || byte === 0x7f;
}

/** As Linux counts: bytes of other characters than ASCII are letters. */
function isWord(byte: number): boolean {
  return byte >= 0x80 || byte === 0x5f || /[0-9A-Za-z]/.test(String.fromCharCode(byte));
}
