import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { CompilerUnavailableError } from "../errors/compiler-unavailable-error.js";
import { findPackage, findTypeScript } from "../runtime/typescript/host-packages.js";
import { GLOBALS, LIBRARIES, type Outfit } from "./protocol.js";

/** Files that are read at a time. */
const AT_A_TIME = 16;

const globals = `/** Hands a value to who called run(), through JSON; the last call counts. */
declare function __return(value: unknown): void;
`;

/** The program of the compiler's process, beside this module. */
export function readProgram(): Promise<string> {
  return readFile(new URL("./service.js", import.meta.url), "utf8");
}

/**
 * Reads all that the compiler consists of from packages of the host, as text that goes to a guest. Rejects with
 * CompilerUnavailableError where one isn't installed.
 */
export async function readOutfit(): Promise<Outfit> {
  const typescript = join(findTypeScript(), "lib");
  const files: Record<string, string> = { [GLOBALS]: globals };
  const names = (await readdir(typescript)).filter((name) => /^lib\..*\.?d\.ts$/.test(name));
  await readAll(typescript, names, LIBRARIES, files);
  for (const [name, directory] of findTypes()) {
    const declarations = (await readdir(directory, { recursive: true })).filter((path) =>
      /(?:\.d\.[cm]?ts|package\.json)$/.test(path),
    );
    await readAll(directory, declarations, `/node_modules/${name}`, files);
  }
  return { compiler: await readFile(join(typescript, "typescript.js"), "utf8"), files };
}

/** The packages that declare Node, and what they stand on. */
function findTypes(): [name: string, directory: string][] {
  const node = findPackage("@types/node");
  if (node === null) {
    throw new CompilerUnavailableError("The types of Node are not installed", {
      packages: ["@types/node"],
      hint: "Install them beside secure-exec: npm install @types/node",
    });
  }
  const undici = findPackage("undici-types", createRequire(join(node, "package.json")).resolve);
  return [
    ["@types/node", node],
    ...(undici === null ? [] : ([["undici-types", undici]] as [string, string][])),
  ];
}

async function readAll(
  from: string,
  paths: readonly string[],
  to: string,
  files: Record<string, string>,
): Promise<void> {
  for (let start = 0; start < paths.length; start += AT_A_TIME) {
    const batch = paths.slice(start, start + AT_A_TIME);
    const texts = await Promise.all(batch.map((path) => readFile(join(from, path), "utf8")));
    for (const [i, path] of batch.entries()) files[`${to}/${path.split(sep).join("/")}`] = texts[i] as string;
  }
}
