import { isIP } from "node:net";
import * as v from "valibot";
import { MAX_RESOURCE } from "../policy/audit.js";
import { MAX_RULES } from "../policy/compiled.js";
import { scopes } from "../policy/operations.js";
import type { FileType, MachineMessage } from "./messages.js";
import { questionKinds } from "./questions.js";

/*
 * What a machine may say. Everything is bounded, unknown keys are refused, and nothing is compiled
 * from what came in. Lengths are in UTF-16 units; the wire bounds a whole message to 1 MiB.
 */

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(0xffff_ffff));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = (length: number) => v.pipe(v.string(), v.maxLength(length));
/** Names that Node and POSIX give: error codes, signals, system calls. */
const name = v.pipe(v.string(), v.maxLength(64), v.regex(/^[A-Za-z][A-Za-z0-9_]*$/u));
/** A path may be 4095 bytes, and an error may quote it as the guest wrote it. */
const path = text(4096);
/** An IPv6 address that ends in an IPv4 address has 45 characters. */
const MAX_ADDRESS = 45;
/** 253 characters, and a dot. */
const MAX_NAME = 254;
/** Milliseconds since the epoch, also before it. */
const time = v.pipe(v.number(), v.finite());

const terminationReason = v.picklist(["timeout", "memory", "killed", "aborted"]);

const fileStat = v.strictObject({
  type: v.picklist(["file", "directory", "symlink", "other"]),
  size: count,
  mode: count,
  uid: count,
  gid: count,
  nlink: count,
  ino: count,
  atimeMs: time,
  mtimeMs: time,
  ctimeMs: time,
  birthtimeMs: time,
});

const diskCheck = v.strictObject({
  repaired: count,
  problems: v.pipe(v.array(text(1000)), v.maxLength(20)),
  formatted: v.boolean(),
});

const fsFailure = v.strictObject({
  code: name,
  errno: v.pipe(v.number(), v.safeInteger(), v.minValue(-4095), v.maxValue(-1)),
  syscall: name,
  path: v.optional(path),
  dest: v.optional(path),
});

const machineMessage = v.variant("type", [
  v.strictObject({
    type: v.literal("ready"),
    node: v.pipe(v.string(), v.regex(/^v\d{1,4}\.\d{1,4}\.\d{1,4}$/u)),
    landlock: v.pipe(count, v.maxValue(1000)),
    disk: v.nullable(
      v.strictObject({ fd: v.pipe(count, v.maxValue(0xffff)), size: v.pipe(count, v.minValue(1)) }),
    ),
    check: v.optional(diskCheck),
  }),
  v.strictObject({ type: v.literal("configured") }),
  v.strictObject({ type: v.literal("spare") }),
  v.strictObject({ type: v.literal("started"), call: id, pid: id }),
  v.strictObject({
    type: v.literal("exit"),
    call: id,
    exitCode: v.pipe(count, v.maxValue(255)),
    signal: v.nullable(name),
    termination: v.nullable(v.strictObject({ reason: terminationReason, limit: v.nullable(count) })),
    value: v.boolean(),
    resident: v.optional(v.strictObject({ pid: id, lives: v.boolean() })),
  }),
  v.strictObject({ type: v.literal("stuck"), call: id, reason: terminationReason }),
  v.strictObject({
    type: v.literal("fsResult"),
    call: id,
    error: v.nullable(fsFailure),
    value: v.nullable(v.union([fileStat, diskCheck, v.boolean(), path])),
  }),
  v.strictObject({
    type: v.literal("audit"),
    scope: v.picklist(scopes),
    operation: name,
    resource: text(MAX_RESOURCE),
    decision: v.picklist(["allow", "deny"]),
    rule: v.nullable(v.pipe(count, v.maxValue(MAX_RULES - 1))),
    suppressed: count,
  }),
  v.strictObject({
    type: v.literal("mount"),
    request: id,
    mount: id,
    want: v.picklist(["names", "content"]),
    path,
    ahead: path,
  }),
  v.strictObject({ type: v.literal("connectedIn"), call: id, error: v.nullable(name) }),
  v.strictObject({ type: v.literal("closedIn"), call: id, error: v.nullable(name) }),
  v.strictObject({
    type: v.literal("listeners"),
    call: id,
    listeners: v.pipe(
      v.array(
        v.strictObject({
          address: v.pipe(
            text(45),
            v.check((address) => isIP(address) !== 0),
          ),
          port: v.pipe(count, v.minValue(1), v.maxValue(65_535)),
          pid: id,
        }),
      ),
      v.maxLength(4096),
    ),
  }),
  v.strictObject({ type: v.literal("pong"), call: id }),
  v.strictObject({
    type: v.literal("connect"),
    id,
    address: text(MAX_ADDRESS),
    port: v.pipe(count, v.minValue(1), v.maxValue(0xffff)),
  }),
  v.strictObject({
    type: v.literal("associate"),
    id,
    address: text(MAX_ADDRESS),
    port: v.pipe(count, v.minValue(1), v.maxValue(0xffff)),
  }),
  v.strictObject({ type: v.literal("hangUp"), id }),
  v.strictObject({
    type: v.literal("resolve"),
    id,
    kind: v.picklist(questionKinds),
    name: text(MAX_NAME),
    family: v.picklist([0, 4, 6]),
  }),
]);

const fileTypes: ReadonlySet<unknown> = new Set<FileType>(["file", "directory", "symlink", "other"]);

/** A directory's entries, each a name and its type. */
export type DirectoryEntries = [name: string, type: FileType][];

/** What is wrong, in words that hold nothing of the message itself. */
function complaint(subject: string, issue: v.BaseIssue<unknown>): string {
  // A key may be the machine's own invention; what names a field of ours looks like this.
  const at = issue.path?.map((item) =>
    /^[a-zA-Z]{1,20}$/u.test(String(item.key)) ? String(item.key) : "[]",
  );
  return `${subject} with a wrong ${at === undefined ? "shape" : at.slice(0, 4).join(".")} (${issue.type})`;
}

/** Believes a message of a machine, or says what is wrong with it. */
export function parseMachineMessage(value: unknown): MachineMessage | string {
  const result = v.safeParse(machineMessage, value, { abortEarly: true });
  return result.success ? result.output : complaint("a control message", result.issues[0]);
}

/**
 * Believes the entries of a directory, as the stream of `readdir` carries them, or says what is wrong.
 * By hand: there may be a million, and a schema would hold up the host for seconds.
 */
export function parseDirectoryEntries(value: unknown): DirectoryEntries | string {
  if (!Array.isArray(value)) return "a directory listing with a wrong shape";
  for (const entry of value as unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 2) return "a directory listing with a wrong entry";
    if (!isName(entry[0])) return "a directory listing with a wrong name";
    if (!fileTypes.has(entry[1])) return "a directory listing with a wrong type";
  }
  return value as DirectoryEntries;
}

/** Whoever copies a directory joins its names to a path of the host: none may lead out of it. */
function isName(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0 || value.length > 255) return false;
  return value !== "." && value !== ".." && !value.includes("/") && !value.includes("\0");
}
