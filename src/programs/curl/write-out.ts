/** What a transfer was like, for `--write-out`. Times in milliseconds since its beginning. */
export interface Report {
  [name: string]: string | number | null;
}

const times = /^time_/;

interface Said {
  stdout: string;
  stderr: string;
  /** Names that stand for nothing. */
  unknown: string[];
}

/** `%{name}`, `%%` and escapes. */
export function writeOut(format: string, report: Report): Said {
  const said: Said = { stdout: "", stderr: "", unknown: [] };
  let stream: "stdout" | "stderr" = "stdout";
  for (const [piece] of format.matchAll(/%\{[^}]*\}|%%|\\[nrt\\]|[^%\\]+|[%\\]/g)) {
    const [, name] = /^%\{(.*)\}$/.exec(piece) ?? [];
    if (name === "stdout" || name === "stderr") stream = name;
    else if (name !== undefined && name !== "json" && !Object.hasOwn(report, name)) said.unknown.push(name);
    else said[stream] += name === undefined ? literal(piece) : shown(report, name);
  }
  return said;
}

const escapes: Readonly<Record<string, string>> = {
  "%%": "%",
  "\\n": "\n",
  "\\r": "\r",
  "\\t": "\t",
  "\\\\": "\\",
};

const literal = (piece: string): string => escapes[piece] ?? piece;

function shown(report: Report, name: string): string {
  if (name === "json") return JSON.stringify(Object.fromEntries(Object.entries(report).map(asJson)));
  const value = report[name] ?? null;
  if (value === null) return "";
  return times.test(name) ? seconds(Number(value)).toFixed(6) : String(value);
}

function asJson([name, value]: [string, string | number | null]): [string, string | number | null] {
  if (times.test(name)) return [name, seconds(Number(value))];
  return [name, name.endsWith("_code") ? Number(value) : value];
}

const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1e6;
