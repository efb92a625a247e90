/** As `%d`, `%o`, `%x` show a number. */
export function integer(
  value: bigint | number,
  kind: string,
  flags: string,
  digits: number | undefined,
): string {
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

/** As `%f`, `%e` and `%g` show a number. */
export function real(value: number, kind: string, flags: string, digits: number): string {
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

/** As `%g` shows a number that is not negative. */
export function general(value: number, digits: number, flags: string): string {
  const precision = Math.max(1, digits);
  const power = Number(value.toExponential(precision - 1).split("e")[1]);
  const small = power < -4 || power >= precision;
  const text = small ? exponent(value, precision - 1) : value.toFixed(Math.max(0, precision - 1 - power));
  if (flags.includes("#") || !text.includes(".")) return text;
  return text.replace(/\.?0+(?=e|$)/, "");
}

/** Fills up to the width that was asked for. */
export function pad(text: string, columns: number, flags: string, kind = "s"): string {
  const width = Math.abs(columns);
  if (flags.includes("-") || columns < 0) return text.padEnd(width);
  if (!flags.includes("0") || "scbq".includes(kind)) return text.padStart(width);
  const [lead = ""] = /^(?:[-+ ]|0x|0X)?/.exec(text) ?? [];
  return lead + text.slice(lead.length).padStart(width - lead.length, "0");
}
