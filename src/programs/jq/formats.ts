import { syntaxError } from "./lexer.js";
import { JqError, type Json, toJson, typeName } from "./values.js";

export function toText(value: Json): string {
  return typeof value === "string" ? value : toJson(value);
}

const entities: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "'": "&#39;",
  '"': "&quot;",
};

/** `@csv` and the others. */
export function formatText(name: string, value: Json): string {
  switch (name) {
    case "@text":
      return toText(value);
    case "@json":
      return toJson(value);
    case "@csv":
      return row(value, "csv", ",", (text) => `"${text.replaceAll('"', '""')}"`);
    case "@tsv":
      return row(value, "tsv", "\t", (text) =>
        text.replace(
          /[\\\t\n\r]/g,
          (one) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[one] as string,
        ),
      );
    case "@html":
      return toText(value).replace(/[<>&'"]/g, (one) => entities[one] as string);
    case "@uri":
      return encodeURIComponent(toText(value)).replace(
        /[!'()*]/g,
        (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
      );
    case "@urid":
      return decodeURIComponent(toText(value));
    case "@sh":
      return (Array.isArray(value) ? value : [value]).map(forShell).join(" ");
    case "@base64":
      return Buffer.from(toText(value)).toString("base64");
    case "@base64d":
      return Buffer.from(toText(value), "base64").toString();
    default:
      throw syntaxError(`${name.slice(1)} is not a valid format`);
  }
}

function row(value: Json, name: string, joint: string, quote: (text: string) => string): string {
  if (!Array.isArray(value))
    throw new JqError(
      `${typeName(value)} (${toJson(value)}) cannot be ${name}-formatted, only an array can be`,
    );
  return value
    .map((cell) => {
      if (typeof cell === "string") return quote(cell);
      if (cell === null) return "";
      if (typeof cell === "object")
        throw new JqError(`${typeName(cell)} (${toJson(cell)}) is not valid in a ${name} row`);
      return toJson(cell);
    })
    .join(joint);
}

function forShell(value: Json): string {
  if (value !== null && typeof value === "object")
    throw new JqError(`${typeName(value)} (${toJson(value)}) can not be escaped for shell`);
  return typeof value === "string" ? `'${value.replaceAll("'", "'\\''")}'` : toJson(value);
}
