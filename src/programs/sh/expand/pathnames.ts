import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isPattern, matches, unquotePattern } from "./pattern.js";

export interface GlobOptions {
  /** Where relative patterns begin. */
  cwd: string;
  extended: boolean;
  /** Whether leading dots need not be written out. */
  dots: boolean;
  caseless: boolean;
  /** Whether `**` stands for any depth. */
  globstar: boolean;
}

/** The names that a pattern matches, in order; none where it matches nothing. */
export function expandPathname(pattern: string, options: GlobOptions): string[] {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  let found = [pattern.startsWith("/") ? "/" : ""];
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    found = found.flatMap((base) => descend(base, segment, last, options));
  });
  if (pattern.endsWith("/"))
    found = found.filter((name) => isDirectory(options.cwd, name)).map((name) => `${name}/`);
  return found.sort(compare);
}

function descend(base: string, segment: string, last: boolean, options: GlobOptions): string[] {
  if (segment === "**" && options.globstar) return depths(base, last, options);
  if (!isPattern(segment, options.extended)) {
    const name = base + unquotePattern(segment);
    return exists(options.cwd, name) ? [last ? name : `${name}/`] : [];
  }
  const names = list(options.cwd, base).filter((name) => fits(segment, name, options));
  return names
    .map((name) => base + name)
    .filter((name) => last || isDirectory(options.cwd, name))
    .map((name) => (last ? name : `${name}/`));
}

/** `base` and every directory below it; as the last segment every name below it. */
function depths(base: string, last: boolean, options: GlobOptions): string[] {
  const found: string[] = last && base === "" ? [] : [base];
  for (const name of list(options.cwd, base)) {
    if (name.startsWith(".") && !options.dots) continue;
    const below = base + name;
    const directory = isDirectory(options.cwd, below, false);
    if (directory) found.push(...depths(`${below}/`, last, options));
    if (last) found.push(below);
  }
  return last ? [...new Set(found.map((name) => (name === base ? name : name.replace(/\/$/, ""))))] : found;
}

function fits(pattern: string, name: string, { dots, extended, caseless }: GlobOptions): boolean {
  if (name.startsWith(".") && !dots && !/^\\?\./.test(pattern)) return false;
  return matches(pattern, name, { extended, caseless });
}

function absolute(cwd: string, name: string): string {
  return name.startsWith("/") ? name : join(cwd, name);
}

function list(cwd: string, base: string): string[] {
  try {
    return readdirSync(absolute(cwd, base));
  } catch {
    return [];
  }
}

function exists(cwd: string, name: string): boolean {
  return lstatSync(absolute(cwd, name), { throwIfNoEntry: false }) !== undefined;
}

/** Symbolic links to directories count where they are followed. */
function isDirectory(cwd: string, name: string, follow = true): boolean {
  try {
    return (follow ? statSync : lstatSync)(absolute(cwd, name)).isDirectory();
  } catch {
    return false;
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
