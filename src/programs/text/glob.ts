/** A pattern of names: `*.o`. */
export function globRegex(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|\[([!^]?)((?:\]|[^\]])[^\]]*)\]|[*?]|[\\^$.+()[\]{}|/]/g,
    (whole, escaped, not, set) => {
      if (escaped !== undefined) return escaped.replace(/\W/g, "\\$&");
      if (set !== undefined) return `[${not === "" ? "" : "^"}${set.replace(/[\\[\]]/g, "\\$&")}]`;
      return whole === "*" ? "[^]*" : whole === "?" ? "[^]" : `\\${whole}`;
    },
  );
  return new RegExp(`^${source}$`);
}
