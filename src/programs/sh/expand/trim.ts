import { patternSource } from "./pattern.js";

const options = { extended: true };

/** `${x#p}` and `${x##p}`. */
export function removePrefix(text: string, pattern: string, longest: boolean): string {
  return text.replace(new RegExp(`^(?:${patternSource(pattern, options, longest)})`, "su"), "");
}

/** `${x%p}` and `${x%%p}`. */
export function removeSuffix(text: string, pattern: string, longest: boolean): string {
  const suffix = new RegExp(`^(?:${patternSource(pattern, options)})$`, "su");
  const characters = [...text];
  const { length } = characters;
  for (let taken = longest ? length : 0; longest ? taken >= 0 : taken <= length; taken += longest ? -1 : 1) {
    if (suffix.test(characters.slice(length - taken).join("")))
      return characters.slice(0, length - taken).join("");
  }
  return text;
}

/** `${x/p/r}`, `${x//p/r}`, `${x/#p/r}` and `${x/%p/r}`. */
export function replace(text: string, operator: string, pattern: string, replacement: string): string {
  if (pattern === "") return text;
  const source = `(?:${patternSource(pattern, options)})`;
  const anchored = operator === "/#" ? `^${source}` : operator === "/%" ? `${source}$` : source;
  return text.replace(new RegExp(anchored, operator === "//" ? "gsu" : "su"), () => replacement);
}
