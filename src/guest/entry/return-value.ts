import { MAX_PAYLOAD } from "../../syscall/channel.js";
import { SYS_VALUE } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, internalBinding, primordials } from "../internals.js";

const {
  ArrayIsArray,
  ArrayPrototypePush,
  JSONStringify,
  ObjectDefineProperty,
  RegExpPrototypeExec,
  TypeError: NodeTypeError,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  Uint8Array: ByteView,
} = primordials;

const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$_]*$/u;

/** An object that is being written, and how it is reached from what was passed. */
interface Level {
  holder: unknown;
  path: string;
}

function join(path: string, holder: unknown, key: string): string {
  if (ArrayIsArray(holder)) return `${path}[${key}]`;
  return RegExpPrototypeExec(identifier, key) !== null ? `${path}.${key}` : `${path}[${JSONStringify(key)}]`;
}

/** What JSON can't carry, in words; undefined for everything else. */
function refusal(value: unknown): string | undefined {
  switch (typeof value) {
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "bigint":
      return "a BigInt";
    default:
      return undefined;
  }
}

/** JSON of a value, or undefined for undefined. Throws with the path to what JSON can't carry. */
export function toJson(value: unknown): string | undefined {
  const levels: Level[] = [];
  let depth = 0;

  return JSONStringify(value, function replace(this: unknown, key: string, member: unknown): unknown {
    let path = "value";
    // The first holder is JSON's own, around the value itself.
    if (levels.length !== 0) {
      while (depth > 0 && (levels[depth] as Level).holder !== this) depth--;
      path = depth === 0 ? "value" : join((levels[depth] as Level).path, this, key);
    }
    const reason = refusal(member);
    if (reason !== undefined) throw new NodeTypeError(`__return() can't pass on ${path}: it is ${reason}`);
    if (typeof member === "object" && member !== null) {
      for (let i = 1; i <= depth; i++)
        if ((levels[i] as Level).holder === member)
          throw new NodeTypeError(
            `__return() can't pass on ${path}: it is ${(levels[i] as Level).path} again, a cycle`,
          );
      if (levels.length === 0) ArrayPrototypePush(levels, { holder: this, path: "" });
      depth++;
      const level: Level = { holder: member, path };
      if (depth === levels.length) ArrayPrototypePush(levels, level);
      else levels[depth] = level;
    }
    return member;
  });
}

/** Gives the program `__return`, by which it hands a value to who called it. The last call counts. */
export function installReturn(env: GuestEnv): void {
  ObjectDefineProperty(globalThis, "__return", {
    __proto__: null,
    configurable: true,
    writable: true,
    value: function __return(value: unknown): void {
      let json: string | undefined;
      try {
        json = toJson(value);
      } catch (error) {
        if (error instanceof NodeTypeError) hideFrames(error as Error, __return);
        throw error;
      }
      send(env, encodeUtf8(json ?? ""));
    },
  });
}

/** The kernel starts anew at a first part, and takes the value only when the program exits with 0. */
function send(env: GuestEnv, bytes: Uint8Array): void {
  const length: number = TypedArrayPrototypeGetByteLength(bytes);
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  let at = 0;
  do {
    const part = length - at < MAX_PAYLOAD ? length - at : MAX_PAYLOAD;
    env.channel.post(SYS_VALUE, at === 0 ? 1 : 0, 0, new ByteView(buffer, at, part), part);
    at += part;
  } while (at < length);
}
