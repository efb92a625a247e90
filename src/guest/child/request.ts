import { MAX_PAYLOAD } from "../../syscall/channel.js";
import { EINVAL, EPERM } from "../../syscall/errno.js";
import { SYS_SPAWN, SYS_SPAWN_PART } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { internalBinding, primordials } from "../internals.js";

const {
  ArrayIsArray,
  ArrayPrototypePush,
  JSONStringify,
  ObjectSetPrototypeOf,
  String: toText,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  Uint8Array: ByteView,
} = primordials;

const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

/** A process to come, as `child_process` describes it to the natives. */
export interface ProcessOptions {
  file: string;
  args: unknown;
  cwd: unknown;
  envPairs: unknown;
  detached: boolean;
  uid: unknown;
  gid: unknown;
}

/** The texts of a list that the program gave. */
function texts(list: unknown): string[] {
  const found: string[] = [];
  if (!ArrayIsArray(list)) return found;
  const given = list as unknown[];
  for (let i = 0; i < given.length; i++) ArrayPrototypePush(found, toText(given[i]));
  return found;
}

/** A list that JSON writes as it is, whatever programs have put into lists. */
function plain(list: readonly unknown[]): unknown {
  return ObjectSetPrototypeOf(list, null);
}

/** `NAME=value` pairs as an object; of two with a name the first counts, as `getenv` has it. */
function environmentOf(pairs: unknown): Record<string, string> {
  const environment: Record<string, string> = { __proto__: null as never };
  const list = texts(pairs);
  for (let i = list.length - 1; i >= 0; i--) {
    const pair = list[i] as string;
    const at = StringPrototypeIndexOf(pair, "=", 1);
    if (at > 0) environment[StringPrototypeSlice(pair, 0, at)] = StringPrototypeSlice(pair, at + 1);
  }
  return environment;
}

/**
 * Asks the kernel for a process. `stdio` has a descriptor of this process per descriptor of the new one,
 * -1 for none. `id` is what its end is told by, or 0. Answers the pid, or a negative errno.
 */
export function startProcess(
  env: GuestEnv,
  id: number,
  { file, args, cwd, envPairs, detached, uid, gid }: ProcessOptions,
  stdio: readonly number[],
): number {
  if (typeof uid === "number" && uid !== env.cred.uid) return -EPERM;
  if (typeof gid === "number" && gid !== env.cred.gid) return -EPERM;
  const directory = env.cwd();
  if (typeof directory !== "string") return -EINVAL;
  const request = JSONStringify({
    __proto__: null,
    file,
    args: plain(texts(args)),
    env: environmentOf(envPairs),
    cwd: typeof cwd === "string" && cwd !== "" ? resolveFrom(directory, cwd) : directory,
    stdio: plain(stdio),
    detached,
  });
  return send(env, id, encodeUtf8(request));
}

/** The kernel knows no working directory of this process. */
function resolveFrom(directory: string, path: string): string {
  return path[0] === "/" ? path : `${directory}/${path}`;
}

function send({ channel }: GuestEnv, id: number, bytes: Uint8Array): number {
  const length: number = TypedArrayPrototypeGetByteLength(bytes);
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  const offset: number = TypedArrayPrototypeGetByteOffset(bytes);
  let at = 0;
  for (; length - at > MAX_PAYLOAD; at += MAX_PAYLOAD)
    channel.post(SYS_SPAWN_PART, 0, 0, new ByteView(buffer, offset + at, MAX_PAYLOAD), MAX_PAYLOAD);
  return channel.call(SYS_SPAWN, id, 0, new ByteView(buffer, offset + at, length - at), length - at);
}
