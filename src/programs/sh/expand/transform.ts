import { matches } from "./pattern.js";

/** `${x^p}`, `${x^^p}`, `${x,p}` and `${x,,p}`: the first character or all, where the pattern fits. */
export function changeCase(text: string, operator: string, pattern: string): string {
  const upper = operator.startsWith("^");
  const characters = [...text];
  const end = operator.length === 2 ? characters.length : 1;
  return characters
    .map((character, index) => {
      if (index >= end || (pattern !== "" && !matches(pattern, character))) return character;
      return upper ? character.toUpperCase() : character.toLowerCase();
    })
    .join("");
}

/** Quoted so that a shell reads the same text again. */
export function quoteForShell(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what needs another kind of quotes.
  if (!/[\x00-\x1f\x7f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}'`;
}
