import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findPackage } from "../typescript/host-packages.js";

/** The file of npm that a shell finds by its name. */
const COMMAND = "bin/npm-cli.js";

/**
 * The directory of this computer's npm: of the package `npm` where it is installed beside this one, of what started
 * this process, beside this process's Node, or where PATH leads. Null where there is none.
 */
export function findHostNpm(): string | null {
  for (const directory of candidates()) if (isNpm(directory)) return realpathSync(directory);
  return null;
}

function* candidates(): Iterable<string> {
  const beside = findPackage("npm");
  if (beside !== null) yield beside;
  const { npm_execpath: started, PATH = "" } = process.env;
  if (started !== undefined) yield dirname(dirname(started));
  yield join(dirname(process.execPath), "../lib/node_modules/npm");
  for (const directory of PATH.split(delimiter)) {
    const command = join(directory, "npm");
    if (directory !== "" && existsSync(command)) yield dirname(dirname(realpathSync(command)));
  }
}

function isNpm(directory: string): boolean {
  try {
    const { name }: { name?: unknown } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return name === "npm" && existsSync(join(directory, COMMAND));
  } catch {
    return false;
  }
}
