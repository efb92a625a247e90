import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, quotedIfOdd, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import type { Input } from "../io/input.js";
import { extraOperand, parseOptions } from "../options.js";

const WIDTH = 76;

export const base64: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "diw:",
    names: { decode: "d", "ignore-garbage": "i", wrap: "w:" },
  });
  const [name = "-", extra] = options.operands;
  if (extra !== undefined) throw extraOperand(context, extra);
  const wrap = options.value("w") ?? String(WIDTH);
  if (!/^\d+$/.test(wrap)) throw new CommandError(`invalid wrap size: ${quoted(wrap)}`);
  try {
    await withInput(context, name, (input) =>
      options.has("d") ? decode(context, input, options.has("i")) : encode(context, input, Number(wrap)),
    );
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reading = (error as NodeJS.ErrnoException).code === "EISDIR" ? "read error" : quotedIfOdd(name);
    throw new CommandError(`${reading}: ${reason(error)}`);
  }
  return 0;
};

async function encode({ stdout }: CommandContext, input: Input, width: number): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let column = 0;
  const wrapped = (text: string): string => {
    if (width === 0) return text;
    let out = "";
    for (let at = 0; at < text.length; ) {
      const part = text.slice(at, at + width - column);
      out += part;
      at += part.length;
      column += part.length;
      if (column < width) continue;
      out += "\n";
      column = 0;
    }
    return out;
  };
  for await (const chunk of input.chunks()) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % 3);
    await stdout(wrapped(all.toString("base64", 0, whole)));
    rest = all.subarray(whole);
  }
  await stdout(wrapped(rest.toString("base64")) + (column > 0 ? "\n" : ""));
}

async function decode({ stdout }: CommandContext, input: Input, ignore: boolean): Promise<void> {
  let rest = "";
  for await (const chunk of input.chunks()) {
    const text = rest + chunk.toString("latin1").replace(ignore ? /[^A-Za-z0-9+/=]/g : /\n/g, "");
    const whole = text.length - (text.length % 4);
    await decodeGroups(stdout, text.slice(0, whole));
    rest = text.slice(whole);
  }
  if (rest === "") return;
  await decodeGroups(stdout, rest);
  throw new CommandError("invalid input");
}

/** Writes what is right up to the first group that is wrong. */
async function decodeGroups(stdout: CommandContext["stdout"], text: string): Promise<void> {
  const [good = ""] = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*/.exec(text) ?? [];
  const [partial = ""] = /^[A-Za-z0-9+/]{0,3}/.exec(text.slice(good.length)) ?? [];
  const bytes = good.split(/(?<==)(?=[^=])/).map((part) => Buffer.from(part, "base64"));
  await stdout(Buffer.concat([...bytes, Buffer.from(partial, "base64")]));
  if (good.length < text.length && text.length % 4 === 0) throw new CommandError("invalid input");
}
