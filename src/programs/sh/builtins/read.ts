import { Input } from "../../io/input.js";
import { ShellError } from "../errors.js";
import { arraySet } from "../expand/elements.js";
import { Fields } from "../expand/field.js";
import type { Shell } from "../shell.js";
import { isName } from "../variables.js";
import type { Builtin } from "./index.js";

interface ReadOptions {
  raw: boolean;
  array: string | null;
  delimiter: number;
  descriptor: number;
  prompt: string;
  count: number | null;
  seconds: number | null;
  names: string[];
}

function parse(args: string[]): ReadOptions {
  const options: ReadOptions = {
    raw: false,
    array: null,
    delimiter: 10,
    descriptor: 0,
    prompt: "",
    count: null,
    seconds: null,
    names: [],
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (!/^-./.test(arg) || options.names.length > 0) {
      options.names.push(arg);
      continue;
    }
    for (let letter = 1; letter < arg.length; letter++) {
      const flag = arg[letter] as string;
      if (flag === "r") options.raw = true;
      if (!"adpnNtu".includes(flag)) continue;
      take(options, flag, arg.slice(letter + 1) || (args[++at] ?? ""));
      break;
    }
  }
  return options;
}

function take(options: ReadOptions, flag: string, value: string): void {
  if (flag === "a") options.array = value;
  else if (flag === "d") options.delimiter = value === "" ? 0 : value.charCodeAt(0);
  else if (flag === "p") options.prompt = value;
  else if (flag === "u") options.descriptor = Number(value);
  else if (flag === "t") options.seconds = Number(value);
  else options.count = Number(value);
}

/** `read`: one line into variables, split by IFS; the last gets the rest. */
export const read: Builtin = async (shell, args) => {
  const options = parse(args);
  for (const name of options.names)
    if (!isName(name)) throw new ShellError(`read: \`${name}': not a valid identifier`);
  if (options.prompt !== "" && shell.descriptor(options.descriptor).terminal)
    await shell.write(2, options.prompt);
  const timed = options.seconds === null ? null : AbortSignal.timeout(options.seconds * 1000);
  const signal = timed === null ? shell.abort.signal : AbortSignal.any([shell.abort.signal, timed]);
  try {
    const { text, ended } = await line(new Input(shell.descriptor(options.descriptor), signal), options);
    store(shell, options, text);
    return ended ? 0 : 1;
  } catch (error) {
    // What a shell answers for a signal, of the clock in this case.
    if (timed?.aborted) return 142;
    throw error;
  }
};

/** Quoted characters are marked, so that they don't separate. */
async function line(
  input: Input,
  { raw, delimiter, count }: ReadOptions,
): Promise<{ text: string; ended: boolean }> {
  if (count !== null) {
    let text = "";
    while ([...text].length < count) {
      const byte = await input.read(1);
      if (byte === null) return { text, ended: false };
      text += byte.toString("latin1");
    }
    return { text: Buffer.from(text, "latin1").toString(), ended: true };
  }
  let text = "";
  for (;;) {
    const read = await input.line(delimiter);
    text += read?.line ?? "";
    if (read === null || !read.ended) return { text, ended: false };
    // A backslash at the end joins the next line.
    if (raw || !/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return { text, ended: true };
    text = text.slice(0, -1);
  }
}

function store(shell: Shell, { raw, array, names }: ReadOptions, text: string): void {
  const ifs = shell.variables.get("IFS") ?? " \t\n";
  if (array !== null) {
    shell.variables.declare(array).value = fields(ifs, text, raw);
    return;
  }
  if (names.length === 0) {
    shell.assign("REPLY", raw ? text : unescaped(text));
    return;
  }
  let rest = trimStart(text, ifs);
  names.forEach((name, index) => {
    if (index === names.length - 1) {
      shell.assign(name, raw ? trimEnd(rest, ifs) : unescaped(trimEnd(rest, ifs)));
      return;
    }
    const { field, after } = first(rest, ifs, raw);
    shell.assign(name, raw ? field : unescaped(field));
    rest = after;
  });
}

function fields(ifs: string, text: string, raw: boolean): string[] {
  const split = new Fields(ifs);
  split.split(text);
  return split.end().map((field) => (raw ? field.text : unescaped(field.text)));
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

function first(text: string, ifs: string, raw: boolean): { field: string; after: string } {
  let at = 0;
  while (at < text.length && !ifs.includes(text[at] as string)) at += !raw && text[at] === "\\" ? 2 : 1;
  const field = text.slice(0, at);
  const blanks = trimStart(text.slice(at), ifs);
  const hard = ifs.includes(blanks[0] ?? "\0") && !/\s/.test(blanks[0] as string);
  return { field, after: trimStart(hard ? blanks.slice(1) : blanks, ifs) };
}

function trimStart(text: string, ifs: string): string {
  let at = 0;
  while (at < text.length && ifs.includes(text[at] as string) && /\s/.test(text[at] as string)) at++;
  return text.slice(at);
}

function trimEnd(text: string, ifs: string): string {
  let end = text.length;
  while (end > 0 && ifs.includes(text[end - 1] as string) && /\s/.test(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

/** `mapfile`: all lines into an array. */
export const mapfile: Builtin = async (shell, args) => {
  const trim = args.includes("-t");
  const name = args.find((arg) => isName(arg)) ?? "MAPFILE";
  const lines: string[] = [];
  for await (const { line, ended } of shell.input.byteLines())
    lines.push(`${line}${trim || !ended ? "" : "\n"}`);
  shell.variables.declare(name).value = lines;
  return 0;
};

/** `getopts`: one option at a time, with where it stands in OPTIND. */
export const getopts: Builtin = async (shell, [letters = "", name = "", ...rest]) => {
  const args = rest.length > 0 ? rest : shell.positional;
  const position = Number(shell.variables.get("OPTIND") ?? 1);
  const within = Number(shell.variables.get("__OPTOFFSET") ?? 1);
  const arg = args[position - 1];
  if (arg === undefined || arg === "-" || !arg.startsWith("-") || arg === "--") {
    if (arg === "--") shell.assign("OPTIND", String(position + 1));
    shell.assign(name, "?");
    return 1;
  }
  const letter = arg[within] as string;
  const at = letters.replace(/^:/, "").indexOf(letter);
  const wants = letters.replace(/^:/, "")[at + 1] === ":";
  const last = within === arg.length - 1;
  const move = (by: number) => {
    shell.assign("OPTIND", String(position + by));
    shell.assign("__OPTOFFSET", "1");
  };
  const complain = async (kind: string, silent: string) => {
    shell.assign(name, letters.startsWith(":") ? silent : "?");
    if (letters.startsWith(":")) shell.assign("OPTARG", letter);
    else await shell.write(2, `${shell.name}: ${kind} -- ${letter}\n`);
    return 0;
  };
  if (!wants || at < 0) {
    if (last) move(1);
    else shell.assign("__OPTOFFSET", String(within + 1));
    if (at < 0 || letter === ":") return complain("illegal option", "?");
    shell.assign(name, letter);
    shell.variables.unset("OPTARG");
    return 0;
  }
  const value = last ? args[position] : arg.slice(within + 1);
  move(last ? 2 : 1);
  if (value === undefined) return complain("option requires an argument", ":");
  shell.assign(name, letter);
  arraySet(shell, "OPTARG", undefined, value);
  return 0;
};
