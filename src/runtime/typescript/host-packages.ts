import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CompilerUnavailableError } from "../../errors/compiler-unavailable-error.js";

/** The last version of TypeScript that is written in JavaScript. */
const LAST_IN_JAVASCRIPT = 6;

/** How the packages of the host are found that this one has for peers. */
type Resolve = (name: string) => string;

const resolveHere: Resolve = createRequire(import.meta.url).resolve;

/** The directory of a package of the host; null where it isn't installed. */
export function findPackage(name: string, resolve: Resolve = resolveHere): string | null {
  try {
    return dirname(resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

/**
 * The directory of a TypeScript that runs in a guest, which no native program does: of `typescript` itself up to
 * version 6, of the package that goes beside a later one otherwise. Throws CompilerUnavailableError.
 */
export function findTypeScript(resolve: Resolve = resolveHere): string {
  const directory = findPackage("typescript", resolve);
  const version = directory === null ? null : versionOf(directory);
  if (directory !== null && version !== null && Number.parseInt(version, 10) <= LAST_IN_JAVASCRIPT)
    return directory;
  const beside = findPackage("@typescript/typescript6", resolve);
  const old = beside && findPackage("@typescript/old", createRequire(join(beside, "package.json")).resolve);
  if (old !== null) return old;
  throw new CompilerUnavailableError(
    version === null
      ? "The TypeScript compiler is not installed"
      : `TypeScript ${version} is a native program, which can't run in a guest`,
    version === null
      ? { packages: ["typescript@6"], hint: "Install it beside secure-exec: npm install typescript@6" }
      : {
          packages: ["@typescript/typescript6"],
          hint: "Install the last one in JavaScript beside it: npm install @typescript/typescript6",
        },
  );
}

function versionOf(directory: string): string {
  const { version }: { version?: unknown } = JSON.parse(
    readFileSync(join(directory, "package.json"), "utf8"),
  );
  return String(version);
}
