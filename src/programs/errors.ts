import { getSystemErrorMessage, getSystemErrorName } from "node:util";

/** Ends a command with a message behind its name, and with a status. */
export class CommandError extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Where the C library has other words than Node. */
const texts: Readonly<Record<string, string>> = {
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENOMEM: "Cannot allocate memory",
  ESPIPE: "Illegal seek",
  ETXTBSY: "Text file busy",
  EXDEV: "Invalid cross-device link",
};

/** What the system's tools say of an error number. */
export function errorText(errno: number | undefined, fallback: string): string {
  if (errno === undefined) return fallback;
  const text = texts[getSystemErrorName(errno)];
  if (text !== undefined) return text;
  const message = getSystemErrorMessage(errno);
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** What the system said; anything else than its errors is thrown on, and so is that nobody reads any more. */
export function reason(error: unknown): string {
  const { errno, code, syscall } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === "EPIPE" || syscall === "write") throw error;
  return errorText(errno, String(code));
}

/** A name in quotes, as the messages of GNU's tools have them. */
export function quoted(name: string): string {
  if (name.includes("'") && !/["$`\\]/.test(name)) return `"${name}"`;
  return `'${name.replaceAll("'", "'\\''")}'`;
}

/** A name, in quotes only where a shell would need them. */
export function quotedIfOdd(name: string): string {
  return name === "" || /[\s!"$&'()*;<=>?[\\^`|]|^[#~]/.test(name) ? quoted(name) : name;
}
