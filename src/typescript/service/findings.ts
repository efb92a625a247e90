import type ts from "typescript";
import type { Diagnostic, DiagnosticCategory } from "../protocol.js";

/** Diagnostics that are told of one program. */
const MAX_DIAGNOSTICS = 1000;
/** Characters of one message. */
const MAX_MESSAGE = 4096;

const categories: readonly DiagnosticCategory[] = ["warning", "error", "suggestion", "message"];

/** Diagnostics as they are told, in order of file and place, and how many are left out. */
export function describeAll(
  typescript: typeof ts,
  found: readonly ts.Diagnostic[],
): { diagnostics: Diagnostic[]; omitted: number } {
  const sorted = typescript.sortAndDeduplicateDiagnostics(found);
  return {
    diagnostics: sorted.slice(0, MAX_DIAGNOSTICS).map((diagnostic) => describe(typescript, diagnostic)),
    omitted: Math.max(0, sorted.length - MAX_DIAGNOSTICS),
  };
}

function describe(
  typescript: typeof ts,
  { file, start, code, category, messageText }: ts.Diagnostic,
): Diagnostic {
  const message = typescript.flattenDiagnosticMessageText(messageText, "\n").slice(0, MAX_MESSAGE);
  const known = { code, category: categories[category] ?? "error", message };
  if (file === undefined || start === undefined) return known;
  const { line, character } = typescript.getLineAndCharacterOfPosition(file, start);
  return { file: file.fileName, line: line + 1, column: character + 1, ...known };
}
