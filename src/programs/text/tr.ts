import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { parseOptions, usageError } from "../options.js";
import { byteSet, type Element, expand } from "./byte-sets.js";

export const tr: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "cCdst",
    names: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    inOrder: true,
  });
  const complement = options.has("c") || options.has("C");
  const [deletes, squeezes] = [options.has("d"), options.has("s")];
  checkOperands(context, options.operands, deletes, squeezes);
  const [first = "", second] = options.operands;
  const one = byteSet(first);
  const two = second === undefined ? null : byteSet(second);
  const listed = expand(one, null);
  const inFirst = members(complement ? complementOf(listed) : listed);
  const translates = two !== null && !deletes;
  const map = translates ? mapping(one, two, complement, options.has("t")) : null;
  const squeezed = !squeezes ? null : two === null ? inFirst : members(expand(two, listed.length));
  let last = -1;
  for await (const chunk of context.stdin.chunks()) {
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (deletes && inFirst[byte] === 1) continue;
      const made = map === null ? byte : (map[byte] as number);
      if (made === last && squeezed?.[made] === 1) continue;
      last = made;
      out[length++] = made;
    }
    await context.stdout(out.subarray(0, length));
  }
  return 0;
};

function checkOperands(
  context: CommandContext,
  operands: readonly string[],
  deletes: boolean,
  squeezes: boolean,
): void {
  const [first, second, third] = operands;
  const least = deletes === squeezes ? 2 : 1;
  const most = deletes && !squeezes ? 1 : 2;
  if (first === undefined) throw usageError(context, "missing operand");
  if (least === 2 && second === undefined)
    throw usageError(
      context,
      `missing operand after ${quoted(first)}\nTwo strings must be given when ${deletes ? "both deleting and squeezing repeats" : "translating"}.`,
    );
  const extra = most === 1 ? second : third;
  if (extra === undefined) return;
  const why = most === 1 ? "\nOnly one string may be given when deleting without squeezing repeats." : "";
  throw usageError(context, `extra operand ${quoted(extra)}${why}`);
}

function members(bytes: readonly number[]): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytes) set[byte] = 1;
  return set;
}

function complementOf(bytes: readonly number[]): number[] {
  const set = members(bytes);
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => set[byte] === 0);
}

/** What each byte becomes. */
function mapping(
  one: readonly Element[],
  two: readonly Element[],
  complement: boolean,
  truncate: boolean,
): Uint8Array {
  checkClasses(two);
  const map = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const from = complement ? complementOf(expand(one, null)) : expand(one, null);
  const to = expand(two, from.length);
  if (to.length === 0) {
    if (truncate) return map;
    throw new CommandError("when not truncating set1, string2 must be non-empty");
  }
  const filler = to.at(-1) as number;
  for (const [at, byte] of from.entries()) {
    const made = to[at] ?? (truncate ? byte : filler);
    map[byte] = made;
  }
  return map;
}

function checkClasses(two: readonly Element[]): void {
  if (two.some(({ name }) => name !== undefined && name !== "upper" && name !== "lower"))
    throw new CommandError(
      "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'",
    );
}
