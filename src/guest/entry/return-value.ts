import { MAX_PAYLOAD } from "../../syscall/channel.js";
import { SYS_VALUE } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, internalBinding, primordials } from "../internals.js";

const {
  MathMin,
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

/** Knows, while JSON is written, where in the value it is. */
class Whereabouts {
  readonly #levels: Level[] = [];
  #depth = -1;

  /** The path to a member that JSON has come to. */
  path(holder: unknown, key: string): string {
    // The first holder is JSON's own, around the value itself.
    if (this.#depth === -1) return "value";
    while (this.#depth > 0 && this.#level(this.#depth).holder !== holder) this.#depth--;
    return join(this.#level(this.#depth).path, holder, key);
  }

  /** Goes into an object; answers where it was met before, if it is one of those around it. */
  enter(holder: object, path: string): string | undefined {
    for (let i = 0; i <= this.#depth; i++) if (this.#level(i).holder === holder) return this.#level(i).path;
    this.#depth++;
    const level: Level = { holder, path };
    if (this.#depth === this.#levels.length) ArrayPrototypePush(this.#levels, level);
    else this.#levels[this.#depth] = level;
    return undefined;
  }

  #level(depth: number): Level {
    return this.#levels[depth] as Level;
  }
}

function refuse(path: string, reason: string): never {
  throw new NodeTypeError(`__return() can't pass on ${path}: it is ${reason}`);
}

/** JSON of a value, or undefined for undefined. Throws with the path to what JSON can't carry. */
export function toJson(value: unknown): string | undefined {
  const whereabouts = new Whereabouts();
  return JSONStringify(value, function replace(this: unknown, key: string, member: unknown): unknown {
    const path = whereabouts.path(this, key);
    const reason = refusal(member);
    if (reason !== undefined) refuse(path, reason);
    if (typeof member === "object" && member !== null) {
      const before = whereabouts.enter(member, path);
      if (before !== undefined) refuse(path, `${before} again, a cycle`);
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
    const part = MathMin(length - at, MAX_PAYLOAD);
    env.channel.post(SYS_VALUE, at === 0 ? 1 : 0, 0, new ByteView(buffer, at, part), part);
    at += part;
  } while (at < length);
}
