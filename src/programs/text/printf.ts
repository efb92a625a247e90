import type { Command, CommandContext } from "../command.js";
import { quoteForShell } from "../sh/expand/transform.js";
import { resolveEscapes } from "./escapes.js";

const DIRECTIVE = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([diouxXeEfFgGaAcsbq%])/g;

/** A format is used again until all arguments are. */
export const printf: Command = async (context) => {
  const [format, ...args] = context.args[0] === "--" ? context.args.slice(1) : context.args;
  if (format === undefined) return context.fail("usage: printf format [arguments]", 2);
  const printer = new Printer(context, args);
  do {
    const { bytes, stopped } = await printer.once(format);
    await context.stdout(bytes);
    if (stopped) break;
  } while (printer.more);
  return printer.status;
};

class Printer {
  status = 0;
  readonly #context: CommandContext;
  readonly #args: string[];
  #at = 0;
  /** Whether this round has used an argument: one that uses none would go on for ever. */
  #used = false;

  constructor(context: CommandContext, args: string[]) {
    this.#context = context;
    this.#args = args;
  }

  get more(): boolean {
    return this.#used && this.#at < this.#args.length;
  }

  async once(format: string): Promise<{ bytes: Buffer; stopped: boolean }> {
    this.#used = false;
    const parts: Buffer[] = [];
    let last = 0;
    for (const match of format.matchAll(DIRECTIVE)) {
      const text = resolveEscapes(format.slice(last, match.index));
      parts.push(text.bytes);
      if (text.stopped) return { bytes: Buffer.concat(parts), stopped: true };
      last = match.index + match[0].length;
      const { bytes, stopped } = await this.#directive(match);
      parts.push(bytes);
      if (stopped) return { bytes: Buffer.concat(parts), stopped: true };
    }
    const rest = resolveEscapes(format.slice(last));
    return { bytes: Buffer.concat([...parts, rest.bytes]), stopped: rest.stopped };
  }

  async #directive(match: RegExpExecArray): Promise<{ bytes: Buffer; stopped: boolean }> {
    const [whole, flags = "", width, precision, kind = ""] = match;
    if (kind === "%") return { bytes: Buffer.from("%"), stopped: false };
    const columns = width === "*" ? Number(this.#next()) : Number(width ?? 0);
    const digits = /\./.test(whole)
      ? precision === "*"
        ? Number(this.#next())
        : Number(precision ?? 0)
      : undefined;
    if (kind === "b") {
      const { bytes, stopped } = resolveEscapes(this.#next());
      return { bytes: Buffer.from(pad(bytes.toString("latin1"), columns, flags), "latin1"), stopped };
    }
    return {
      bytes: Buffer.from(pad(await this.#text(kind, flags, digits), columns, flags, kind)),
      stopped: false,
    };
  }

  async #text(kind: string, flags: string, digits: number | undefined): Promise<string> {
    if (kind === "s" || kind === "q") {
      const text = this.#next();
      const shown = digits === undefined ? text : [...text].slice(0, digits).join("");
      return kind === "q" ? quoted(shown) : shown;
    }
    if (kind === "c") return [...this.#next()][0] ?? "";
    if (/[diouxX]/.test(kind)) return integer(await this.#number(true), kind, flags, digits);
    return real(Number(await this.#number(false)), kind, flags, digits ?? 6);
  }

  #next(): string {
    this.#used = true;
    return this.#args[this.#at++] ?? "";
  }

  async #number(whole: boolean): Promise<bigint | number> {
    const text = this.#next();
    if (/^["']/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
    const trimmed = text.trim();
    if (trimmed === "") return 0n;
    const [matched] = /^[-+]?(?:0x[0-9a-f]+|\d+)/i.exec(trimmed) ?? [""];
    const real = Number(trimmed);
    if (!whole && !Number.isNaN(real)) return real;
    if (matched !== trimmed) {
      this.status = 1;
      await this.#context.stderr(`${this.#context.name}: ${text}: invalid number\n`);
    }
    const digits = matched.replace(/^[-+]/, "");
    const value =
      digits === "" ? 0n : BigInt(/^0\d/.test(digits) ? `0o${digits.replace(/[89].*/, "")}` : digits);
    return matched.startsWith("-") ? -value : value;
  }
}

function integer(value: bigint | number, kind: string, flags: string, digits: number | undefined): string {
  const number = BigInt(value);
  const signed = kind === "d" || kind === "i";
  const magnitude = signed ? (number < 0n ? -number : number) : BigInt.asUintN(64, number);
  const base = kind === "o" ? 8 : /x/i.test(kind) ? 16 : 10;
  let text = magnitude.toString(base);
  if (kind === "X") text = text.toUpperCase();
  text = text.padStart(digits ?? 0, "0");
  if (flags.includes("#") && magnitude !== 0n)
    text = (base === 16 ? `0${kind}` : base === 8 ? "0" : "") + text;
  return signed ? sign(number < 0n, flags) + text : text;
}

function sign(negative: boolean, flags: string): string {
  if (negative) return "-";
  return flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

function real(value: number, kind: string, flags: string, digits: number): string {
  const lead = sign(value < 0 || Object.is(value, -0), flags);
  const magnitude = Math.abs(value);
  if (!Number.isFinite(magnitude)) return lead + (Number.isNaN(value) ? "nan" : "inf");
  const lower = kind.toLowerCase();
  const text =
    lower === "f"
      ? magnitude.toFixed(digits)
      : lower === "e"
        ? exponent(magnitude, digits)
        : general(magnitude, digits, flags);
  return lead + (kind === lower ? text : text.toUpperCase());
}

/** An exponent of C has two digits at least. */
function exponent(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e([-+])(\d)$/, "e$10$2");
}

function general(value: number, digits: number, flags: string): string {
  const precision = Math.max(1, digits);
  const power = value === 0 ? 0 : Math.floor(Math.log10(value));
  const small = power < -4 || power >= precision;
  const text = small ? exponent(value, precision - 1) : value.toFixed(Math.max(0, precision - 1 - power));
  if (flags.includes("#") || !text.includes(".")) return text;
  return text.replace(/\.?0+(?=e|$)/, "");
}

function pad(text: string, columns: number, flags: string, kind = "s"): string {
  const width = Math.abs(columns);
  if (flags.includes("-") || columns < 0) return text.padEnd(width);
  if (!flags.includes("0") || "scbq".includes(kind)) return text.padStart(width);
  const [lead = ""] = /^(?:[-+ ]|0x|0X)?/.exec(text) ?? [];
  return lead + text.slice(lead.length).padStart(width - lead.length, "0");
}

function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return /[\n\t]/.test(text) || text === "" ? quoteForShell(text) : text.replace(/[^\w@%+=:,./-]/g, "\\$&");
}
