import { extname } from "node:path";
import type { Dialect, Language } from "../../wire/messages.js";
import { COMPILER } from "../typescript/compiler-on-disk.js";
import { findTypeScript } from "../typescript/host-packages.js";
import { refuse } from "./checks.js";

const languages: readonly Language[] = ["js", "jsx", "ts", "tsx"];

const byExtension: Record<string, Language> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
};

/** What may be a decorator of a class, which Node's own library doesn't transform. */
const decorator = /(?:^|[\s({;])@[\p{ID_Start}$_(]/u;
const classKeyword = /\bclass\b/;

/** What Node is told of a program's language; undefined for plain JavaScript. Throws InvalidOptionError. */
export function checkDialect(value: unknown, code: string, filePath: string | null): Dialect | undefined {
  const language = value === undefined ? languageOf(filePath) : checkLanguage(value);
  if (language === "js") return undefined;
  return { language, compiler: needsCompiler(language, code) ? COMPILER : null };
}

function languageOf(filePath: string | null): Language {
  return (filePath === null ? undefined : byExtension[extname(filePath)]) ?? "js";
}

function checkLanguage(value: unknown): Language {
  const language = languages.find((known) => known === value);
  return language ?? refuse("language", languages.map((known) => JSON.stringify(known)).join(" or "), value);
}

/** JSX can't do without one, and rejects where there is none; what looks like a decorator may be none. */
function needsCompiler(language: Language, code: string): boolean {
  if (language === "ts" && !(decorator.test(code) && classKeyword.test(code))) return false;
  try {
    findTypeScript();
    return true;
  } catch (error) {
    if (language === "ts") return false;
    throw error;
  }
}
