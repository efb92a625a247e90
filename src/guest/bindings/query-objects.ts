/**
 * `queryObjects` for programs. Among all objects of a thread are those of the boot, its ports and views of
 * shared memory: so built-in kinds are only counted, and the objects of a program's own kinds handed out.
 */
import { findObjects } from "../collect-garbage.js";
import { deny } from "../denied.js";
import { internalBinding, primordials } from "../internals.js";

const {
  ArrayPrototypePush,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectGetOwnPropertyNames,
  SafeSet,
  SetPrototypeAdd,
  SetPrototypeHas,
  StringPrototypeEndsWith,
} = primordials;

const SharedMemory = SharedArrayBuffer.prototype;

/** What built-in objects inherit, whichever of it a program has put something of its own above. */
function builtInPrototypes(): Set<object> {
  const found: Set<object> = new SafeSet();
  const names: string[] = ObjectGetOwnPropertyNames(primordials);
  for (let i = 0; i < names.length; i++) {
    const value = primordials[names[i] as string];
    if (StringPrototypeEndsWith(names[i], "Prototype") && typeof value === "object")
      SetPrototypeAdd(found, value);
  }
  SetPrototypeAdd(found, SharedMemory);
  // The port's own chain, as far as a program has left it: what comes above is the program's.
  SetPrototypeAdd(found, internalBinding("messaging")["MessagePort"].prototype);
  return found;
}

let builtIn: Set<object> | undefined;

/** Whether everything from an object up to the prototype is made by the program. */
function isOwn(object: object, prototype: unknown): boolean {
  builtIn ??= builtInPrototypes();
  for (let link = ObjectGetPrototypeOf(object); link !== null; link = ObjectGetPrototypeOf(link)) {
    if (typeof link === "function" || SetPrototypeHas(builtIn, link)) return false;
    if (link === prototype) return true;
  }
  return false;
}

export function queryObjects(prototype: unknown): unknown[] {
  const all = findObjects(prototype);
  const answer: unknown[] = [];
  for (let i = 0; i < all.length; i++)
    if (isOwn(all[i] as object, prototype)) ArrayPrototypePush(answer, all[i]);
  if (answer.length === all.length) return answer;
  answer.length = all.length;
  const descriptor = { __proto__: null, get: deny('v8.queryObjects() of built-in objects but for "count"') };
  ObjectDefineProperty(answer, 0, descriptor);
  return answer;
}
