import type { CompiledScope } from "../../policy/compiled.js";
import type { SegmentPattern } from "../../policy/glob/match.js";
import { decideVariable } from "../../policy/names.js";
import { EACCES } from "../../syscall/errno.js";
import { uvException } from "../bindings/fs/errors.js";
import { hideFrames, primordials } from "../internals.js";

const {
  ArrayPrototypePush,
  ObjectPrototypeHasOwnProperty,
  Proxy: NativeProxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
} = primordials;

/**
 * An environment under rules. The host has left out what may not be read; what the program adds by itself
 * may still be hidden from it. What may not be written throws EACCES.
 */
export function judgedVariables(
  environment: NodeJS.ProcessEnv,
  rules: CompiledScope<SegmentPattern>,
  refused: (name: string, rule: number) => void,
): NodeJS.ProcessEnv {
  function isHidden(target: object, key: string | symbol): boolean {
    if (typeof key !== "string" || !ObjectPrototypeHasOwnProperty(target, key)) return false;
    return !decideVariable(rules, "read", key).allowed;
  }

  function checkWrite(key: string | symbol, syscall: string, from: (...args: never[]) => unknown): void {
    if (typeof key !== "string") return;
    const { allowed, rule } = decideVariable(rules, "write", key);
    if (allowed) return;
    refused(key, rule ?? -1);
    const error = uvException(from, -EACCES, syscall, key);
    hideFrames(error, from);
    throw error;
  }

  const handler = {
    __proto__: null,
    get(target: object, key: string | symbol): unknown {
      return isHidden(target, key) ? undefined : ReflectGet(target, key);
    },
    has(target: object, key: string | symbol): boolean {
      return !isHidden(target, key) && ReflectHas(target, key);
    },
    ownKeys(target: object): (string | symbol)[] {
      const keys: (string | symbol)[] = ReflectOwnKeys(target);
      const visible: (string | symbol)[] = [];
      for (let i = 0; i < keys.length; i++) {
        if (!isHidden(target, keys[i] as string)) ArrayPrototypePush(visible, keys[i]);
      }
      return visible;
    },
    getOwnPropertyDescriptor(target: object, key: string | symbol): PropertyDescriptor | undefined {
      return isHidden(target, key) ? undefined : ReflectGetOwnPropertyDescriptor(target, key);
    },
    set(target: object, key: string | symbol, value: unknown): boolean {
      checkWrite(key, "setenv", handler.set);
      return ReflectSet(target, key, value);
    },
    defineProperty(target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
      checkWrite(key, "setenv", handler.defineProperty);
      return ReflectDefineProperty(target, key, descriptor);
    },
    deleteProperty(target: object, key: string | symbol): boolean {
      checkWrite(key, "unsetenv", handler.deleteProperty);
      return ReflectDeleteProperty(target, key);
    },
  };
  return new NativeProxy(environment, handler);
}
