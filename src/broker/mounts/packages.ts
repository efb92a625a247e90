import type { Told, ToldDirectory } from "./told.js";

/** Dependencies of one package that are looked at. */
const MOST = 200;
/** A name as registries have it, with a scope or without. */
const packageName = /^(?:@[\w.~-]+\/)?(?!\.)[\w.~-]+$/;

/** The names of the packages that a `package.json` says are needed; none where it can't be read. */
export function dependenciesIn(manifest: Uint8Array): string[] {
  try {
    const { dependencies } = JSON.parse(Buffer.from(manifest).toString()) as { dependencies?: unknown };
    if (typeof dependencies !== "object" || dependencies === null) return [];
    return Object.keys(dependencies)
      .slice(0, MOST)
      .filter((name) => packageName.test(name));
  } catch {
    return [];
  }
}

/**
 * Where Node would find a package from a directory: in the nearest `node_modules` above it that has one. The root of
 * a mount may be a `node_modules` itself. Null where there is none, or a link, which is not followed here.
 */
export async function placeOfPackage(
  told: Told,
  tell: (path: readonly string[]) => Promise<ToldDirectory>,
  from: readonly string[],
  name: string,
): Promise<string[] | null> {
  const names = name.split("/");
  for (let depth = from.length; depth >= 0; depth--) {
    const above = from.slice(0, depth);
    const at = told.get(above);
    const isPlace = depth === 0 || above.at(-1) === "node_modules";
    if (at === undefined) continue;
    if (isPlace && (await has(at, names, tell))) return [...above, ...names];
    if (!at.directories.has("node_modules")) continue;
    const place = [...above, "node_modules"];
    if (await has(await tell(place), names, tell)) return [...place, ...names];
  }
  return null;
}

/** Whether a package is in a directory, below the directory of its scope if it has one. */
async function has(
  { path, directories }: ToldDirectory,
  [first, second]: readonly string[],
  tell: (path: readonly string[]) => Promise<ToldDirectory>,
): Promise<boolean> {
  if (!directories.has(first as string)) return false;
  return second === undefined || (await tell([...path, first as string])).directories.has(second);
}
