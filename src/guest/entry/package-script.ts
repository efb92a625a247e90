import type { GuestEnv } from "../env.js";
import { type Internal, primordials, requireBuiltin } from "../internals.js";
import type { ProcessEnd } from "../process/end.js";
import { writeStdioText } from "../stdio.js";

const {
  JSONParse,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  RegExpPrototypeExec,
  StringPrototypeReplaceAll,
} = primordials;

/** What a shell would not take for text as it stands. */
const odd = /[\t\n\r "#$&'()*;<>?\\`|~]/;

const INVALID_ARGUMENTS = 9;

/** A package.json, and the directories of programs on the way up to it. */
interface Found {
  file: string;
  text: string;
  directories: string;
}

class Complaint {
  readonly text: string;
  readonly status: number;

  constructor(text: string, status = 1) {
    this.text = text;
    this.status = status;
  }
}

/** `node --run`: a script of the nearest package.json, by the shell. */
export function runPackageScript(
  process: NodeJS.Process,
  env: GuestEnv,
  end: ProcessEnd,
  name: string,
): void {
  const found = findPackage(process.cwd());
  const script =
    found === null
      ? new Complaint(`Can't find package.json for directory ${process.cwd()}`)
      : scriptOf(found, name);
  if (script instanceof Complaint) {
    writeStdioText(env, 2, `${script.text}\n`);
    end.exit(script.status);
    return;
  }
  const { file, directories } = found as Found;
  const variables: Internal = { __proto__: null, ...process.env };
  variables.PATH = directories + (process.env["PATH"] ?? "");
  variables.NODE_RUN_SCRIPT_NAME = name;
  variables.NODE_RUN_PACKAGE_JSON_PATH = file;
  const command = script + positional(process.argv);
  const child = requireBuiltin("child_process").spawn("/bin/sh", ["-c", command], {
    __proto__: null,
    env: variables,
    stdio: "inherit",
  });
  child.once("error", () => end.exit(1));
  child.once("exit", (code: number | null) => end.exit(code !== null && code > 0 ? 1 : 0));
}

/** What a script is by its name, or why there is none. */
function scriptOf({ file, text }: Found, name: string): string | Complaint {
  let content: Internal;
  try {
    content = JSONParse(text);
  } catch {
    return new Complaint(`Can't parse ${file}`);
  }
  const scripts = content?.scripts;
  if (typeof scripts !== "object" || scripts === null)
    return new Complaint(`Can't find "scripts" field in ${file}`);
  if (name === "") return new Complaint(`Available scripts are:${listOf(scripts)}`, INVALID_ARGUMENTS);
  const script = ObjectPrototypeHasOwnProperty(scripts, name) ? scripts[name] : undefined;
  if (script === undefined)
    return new Complaint(`Missing script: "${name}" for ${file}\n\nAvailable scripts are:${listOf(scripts)}`);
  if (typeof script !== "string")
    return new Complaint(`Script "${name}" is unexpectedly not a string for ${file}\n`);
  return script;
}

function findPackage(from: string): Found | null {
  const { join, dirname } = requireBuiltin("path");
  const { readFileSync, statSync } = requireBuiltin("fs");
  let directories = "";
  for (let directory = from; ; directory = dirname(directory)) {
    const programs = join(directory, "node_modules", ".bin");
    if (statSync(programs, { __proto__: null, throwIfNoEntry: false })?.isDirectory())
      directories += `${programs}:`;
    const file = join(directory, "package.json");
    try {
      return { file, text: readFileSync(file, "utf8"), directories };
    } catch {
      if (directory === "/") return null;
    }
  }
}

function listOf(scripts: Record<string, unknown>): string {
  const names: string[] = ObjectKeys(scripts);
  let list = "";
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (typeof scripts[name] === "string") list += `\n  ${name}: ${scripts[name]}`;
  }
  return list;
}

/** The arguments behind the options, for the shell. */
function positional(argv: readonly string[]): string {
  let text = "";
  for (let i = 1; i < argv.length; i++) text += ` ${quoted(argv[i] as string)}`;
  return text;
}

function quoted(text: string): string {
  if (text !== "" && RegExpPrototypeExec(odd, text) === null) return text;
  return `'${StringPrototypeReplaceAll(text, "'", "'\\''")}'`;
}
