import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { CommandContext } from "../command.js";
import { CommandError } from "../errors.js";
import type { CurlOptions } from "./options.js";

/** What is sent. */
export interface Body {
  bytes: Buffer;
  /** What it is, unless a header says otherwise. */
  type: string | null;
  /** The method that goes with it. */
  method: "POST" | "PUT";
}

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const CANNOT_READ = 26;

/** What the options say is to be sent, null for nothing. */
export async function bodyOf(context: CommandContext, options: CurlOptions): Promise<Body | null> {
  const upload = options.value("upload-file");
  if (upload !== undefined)
    return { bytes: await contentOf(context, upload, "upload-file"), type: null, method: "PUT" };
  const data = await dataOf(context, options);
  const form = options.given.filter(({ name }) => name === "form" || name === "form-string");
  if (data !== null) return { ...data, method: "POST" };
  if (form.length === 0) return null;
  return { ...(await multipart(context, form as Field[])), method: "POST" };
}

/** `-d` and its kin, in their order and joined by `&`. */
async function dataOf(
  context: CommandContext,
  options: CurlOptions,
): Promise<{ bytes: Buffer; type: string } | null> {
  const parts: Buffer[] = [];
  let type: string | null = null;
  for (const { name, value } of options.given) {
    if (value === null) continue;
    const part = await partOf(context, name, value);
    if (part === null) continue;
    // Pieces of JSON are simply put together.
    if (parts.length > 0 && name !== "json") parts.push(Buffer.from("&"));
    parts.push(part);
    type = name === "json" ? JSON_TYPE : (type ?? FORM_TYPE);
  }
  return type === null ? null : { bytes: Buffer.concat(parts), type };
}

async function partOf(context: CommandContext, name: string, value: string): Promise<Buffer | null> {
  switch (name) {
    case "data":
    case "data-ascii":
      if (!value.startsWith("@")) return Buffer.from(value);
      return Buffer.from((await contentOf(context, value.slice(1), name)).filter((byte) => !isLineEnd(byte)));
    case "data-binary":
    case "json":
      return value.startsWith("@") ? contentOf(context, value.slice(1), name) : Buffer.from(value);
    case "data-raw":
      return Buffer.from(value);
    case "data-urlencode":
      return Buffer.from(await urlEncoded(context, value, name));
    default:
      return null;
  }
}

const isLineEnd = (byte: number): boolean => byte === 10 || byte === 13;

/** `content`, `=content`, `name=content`, `@file` or `name@file`. */
export async function urlEncoded(context: CommandContext, value: string, option: string): Promise<string> {
  const [, name = "", sign, rest = ""] = /^([^=@]*)([=@])(.*)$/s.exec(value) ?? [];
  if (sign === undefined) return escaped(Buffer.from(value));
  const content = sign === "@" ? await contentOf(context, rest, option) : Buffer.from(rest);
  return `${name === "" ? "" : `${name}=`}${escaped(content)}`;
}

function escaped(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (/[\w.~-]/.test(character)) text += character;
    else if (character === " ") text += "+";
    else text += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/** The bytes of a file, or of stdin for `-`. */
async function contentOf(context: CommandContext, name: string, option: string): Promise<Buffer> {
  if (name === "-") return context.stdin.bytes();
  try {
    return readFileSync(context.path(name));
  } catch {
    const what = option === "upload-file" ? `cannot open '${name}'` : `Failed to open ${name}`;
    throw new CommandError(what, CANNOT_READ);
  }
}

interface Field {
  name: string;
  value: string;
}

/** `-F`: each `name=content`, `name=@file` or `name=<file`, with `;type=` and `;filename=` behind it. */
async function multipart(
  context: CommandContext,
  fields: readonly Field[],
): Promise<{ bytes: Buffer; type: string }> {
  const boundary = `------------------------${process.getBuiltinModule("node:crypto").randomBytes(8).toString("hex")}`;
  const parts: Buffer[] = [];
  for (const field of fields) {
    const { head, content } = await formPart(context, field);
    parts.push(Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), content, Buffer.from("\r\n"));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { bytes: Buffer.concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

async function formPart(
  context: CommandContext,
  { name: option, value }: Field,
): Promise<{ head: string; content: Buffer }> {
  const at = value.indexOf("=");
  if (at < 0) throw new CommandError("Illegally formatted input field", 2);
  const disposition = `Content-Disposition: form-data; name="${quotable(value.slice(0, at))}"`;
  const given = value.slice(at + 1);
  if (option === "form-string") return { head: disposition, content: Buffer.from(given) };
  const { content: named, filename, type } = settings(given);
  const sign = named.charAt(0);
  const isFile = sign === "@";
  const content =
    isFile || sign === "<" ? await contentOf(context, named.slice(1), "form") : Buffer.from(named);
  const name = filename ?? (isFile ? basename(named.slice(1)) : undefined);
  const file = name === undefined ? "" : `; filename="${quotable(name)}"`;
  const kind = type ?? (isFile ? typeOf(name ?? "") : undefined);
  return { head: `${disposition}${file}${kind === undefined ? "" : `\r\nContent-Type: ${kind}`}`, content };
}

function settings(text: string): { content: string; filename?: string; type?: string } {
  const [content = "", ...rest] = text.split(/;(?=(?:type|filename)=)/);
  const found: { content: string; filename?: string; type?: string } = { content };
  for (const one of rest) {
    const value = one.slice(one.indexOf("=") + 1);
    if (one.startsWith("type=")) found.type = value;
    else found.filename = value.replace(/^"(.*)"$/, "$1");
  }
  return found;
}

const quotable = (text: string): string =>
  text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/** The types that curl knows by the endings of names. */
const types: Readonly<Record<string, string>> = {
  gif: "image/gif",
  htm: "text/html",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  xml: "application/xml",
};

function typeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return types[ending] ?? "application/octet-stream";
}
