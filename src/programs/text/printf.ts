import type { Command, CommandContext } from "../command.js";
import { quoteForShell } from "../sh/expand/transform.js";
import { resolveEscapes } from "./escapes.js";
import { integer, pad, real } from "./numbers.js";

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

function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return /[\n\t]/.test(text) || text === "" ? quoteForShell(text) : text.replace(/[^\w@%+=:,./-]/g, "\\$&");
}
