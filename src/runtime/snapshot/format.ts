import { createHash } from "node:crypto";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import { SnapshotError } from "../../errors/snapshot-error.js";
import { DISK_LAYOUT } from "../../wire/limits.js";
import { isRecord } from "../options/checks.js";
import { checkEnvironment, type Environment } from "../options/environment.js";
import { checkGuestPath } from "../options/guest-path.js";
import { checkLimits } from "../options/limits.js";
import { PIECE_BYTES, PieceMap } from "./piece-map.js";

/*
 * A snapshot as bytes, numbers little-endian:
 *
 *   0   8  "SXSNAP", carriage return, line feed
 *   8   4  version of this format
 *  12   4  length of the description
 *  16   8  length of the whole
 *  24  32  SHA-256 of all of this but these 32 bytes
 *  56      description (JSON), piece map, pieces
 */

/** The version of this format. */
const FORMAT = 1;

const MAGIC = Buffer.from("SXSNAP\r\n");
const DIGEST_AT = 24;
const HEADER_BYTES = 56;
/** Variables and a working directory: what a call takes, as JSON. */
const MAX_DESCRIPTION = 2 * 1024 * 1024;

/** What a snapshot says of the runtime that it is of. */
export interface Description {
  /** The disk's memory, in bytes. */
  diskSize: number;
  /** What the disk was made for: `limits` of the runtime. */
  diskBytes: number;
  inodes: number;
  cwd: string;
  env: Environment;
}

/** What is in a snapshot. */
export interface Content {
  description: Description;
  map: PieceMap;
  image: Uint8Array;
}

export function encodeSnapshot({ description, map, image }: Content): Buffer {
  // JSON has no undefined, which takes a variable away.
  const env = Object.entries(description.env).map(([name, text]) => [name, text ?? null]);
  const json = Buffer.from(JSON.stringify({ layout: DISK_LAYOUT, ...description, env }));
  const length = HEADER_BYTES + json.length + map.bits.length + image.length;
  const bytes = Buffer.allocUnsafeSlow(length);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(FORMAT, 8);
  bytes.writeUInt32LE(json.length, 12);
  bytes.writeBigUInt64LE(BigInt(length), 16);
  bytes.set(json, HEADER_BYTES);
  bytes.set(map.bits, HEADER_BYTES + json.length);
  bytes.set(image, HEADER_BYTES + json.length + map.bits.length);
  digestOf(bytes).copy(bytes, DIGEST_AT);
  return bytes;
}

/** Throws SnapshotError for bytes that are no whole snapshot of this version. */
export function decodeSnapshot(bytes: Buffer): Content {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new SnapshotError("foreign");
  if (bytes.length < HEADER_BYTES) throw new SnapshotError("truncated");
  if (bytes.readUInt32LE(8) !== FORMAT) throw new SnapshotError("version");
  const stated = bytes.readBigUInt64LE(16);
  if (stated > BigInt(bytes.length)) throw new SnapshotError("truncated");
  const right =
    stated === BigInt(bytes.length) && digestOf(bytes).equals(bytes.subarray(DIGEST_AT, HEADER_BYTES));
  const end = HEADER_BYTES + bytes.readUInt32LE(12);
  if (!right || end > bytes.length || end > HEADER_BYTES + MAX_DESCRIPTION)
    throw new SnapshotError("damaged");
  const description = decodeDescription(bytes.subarray(HEADER_BYTES, end));
  const mapEnd = end + Math.ceil(description.diskSize / PIECE_BYTES / 8);
  const map = PieceMap.of(bytes.subarray(end, mapEnd), description.diskSize);
  if (map === null || map.byteLength !== bytes.length - mapEnd) throw new SnapshotError("damaged");
  return { description, map, image: bytes.subarray(mapEnd) };
}

function digestOf(bytes: Uint8Array): Buffer {
  const hash = createHash("sha256").update(bytes.subarray(0, DIGEST_AT));
  return hash.update(bytes.subarray(HEADER_BYTES)).digest();
}

/** Whoever can write the digest can write anything here. */
function decodeDescription(json: Buffer): Description {
  let value: unknown;
  try {
    value = JSON.parse(json.toString("utf8"));
  } catch (cause) {
    throw new SnapshotError("damaged", { cause });
  }
  if (!isRecord(value)) throw new SnapshotError("damaged");
  const { layout, diskSize, diskBytes, inodes, cwd, env } = value;
  if (layout !== DISK_LAYOUT) throw new SnapshotError("version");
  if (typeof diskSize !== "number" || !Number.isSafeInteger(diskSize) || diskSize <= 0) {
    throw new SnapshotError("damaged");
  }
  try {
    const limits = checkLimits({ diskBytes, inodes });
    if (diskBytes === undefined || inodes === undefined) throw new SnapshotError("damaged");
    return {
      diskSize,
      diskBytes: limits.diskBytes,
      inodes: limits.inodes,
      cwd: checkGuestPath(cwd, "cwd"),
      env: decodeEnvironment(env),
    };
  } catch (cause) {
    if (cause instanceof InvalidOptionError) throw new SnapshotError("damaged", { cause });
    throw cause;
  }
}

function decodeEnvironment(value: unknown): Environment {
  if (!Array.isArray(value)) throw new SnapshotError("damaged");
  const entries = (value as unknown[]).map((entry): [string, unknown] => {
    if (!Array.isArray(entry) || typeof entry[0] !== "string") throw new SnapshotError("damaged");
    return [entry[0], entry[1] ?? undefined];
  });
  return checkEnvironment(Object.fromEntries(entries), "env");
}
