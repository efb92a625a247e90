/**
 * Intrinsics, taken when the module loads: before a guest program has run.
 *
 * Code that shares a thread with a guest (`disk`, `syscall`, `guest`) uses these and never a method of
 * a prototype, since a guest may replace any of those. Integer-indexed access to typed arrays and to
 * own elements of arrays is safe; `for…of`, spread and array destructuring are not (they call
 * `Symbol.iterator`).
 */

type AnyFunction = (...args: never[]) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: the receiver's type is the method's own `this`.
type Uncurried<F extends AnyFunction> = F extends (this: any, ...args: infer A) => infer R
  ? (self: unknown, ...args: A) => R
  : never;

const { call: functionCall, bind } = Function.prototype;

/** Makes `method.call(self, …args)` callable as `uncurryThis(method)(self, …args)`. */
export const uncurryThis = bind.bind(functionCall) as <F extends AnyFunction>(method: F) => Uncurried<F>;

export const {
  add: AtomicsAdd,
  load: AtomicsLoad,
  store: AtomicsStore,
  exchange: AtomicsExchange,
  compareExchange: AtomicsCompareExchange,
  wait: AtomicsWait,
  notify: AtomicsNotify,
  waitAsync: AtomicsWaitAsync,
} = Atomics;

export const PromisePrototypeThen = uncurryThis(Promise.prototype.then) as (
  self: unknown,
  fulfilled: () => void,
) => unknown;

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
type TypedArray = Uint8Array | Int32Array | Float64Array;

/** A getter of a prototype as a function of the object. */
function uncurryGetter<R>(prototype: object, key: string): (self: unknown) => R {
  return uncurryThis(Object.getOwnPropertyDescriptor(prototype, key)?.get as (this: unknown) => R);
}

export const TypedArrayPrototypeGetBuffer = uncurryGetter<ArrayBufferLike>(typedArrayPrototype, "buffer");
export const TypedArrayPrototypeGetByteOffset = uncurryGetter<number>(typedArrayPrototype, "byteOffset");
export const TypedArrayPrototypeGetLength = uncurryGetter<number>(typedArrayPrototype, "length");
export const TypedArrayPrototypeSet = uncurryThis(typedArrayPrototype.set) as (
  self: TypedArray,
  source: TypedArray,
  offset: number,
) => void;

export const {
  imul: MathImul,
  ceil: MathCeil,
  floor: MathFloor,
  min: MathMin,
  max: MathMax,
  clz32: MathClz32,
} = Math;
export const { now: DateNow } = Date;
export const BigIntFrom = BigInt;
export const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt);
export const TypedArrayPrototypeFill = uncurryThis(typedArrayPrototype.fill) as (
  self: TypedArray,
  value: number,
  start: number,
  end: number,
) => TypedArray;
type Copy = (
  source: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;
let copy = uncurryThis(Buffer.prototype.copy) as Copy;
/** Copies with native speed between views, and (unlike `set` with `subarray`) allocates nothing. */
export const BufferPrototypeCopy: Copy = (source, target, targetStart, sourceStart, sourceEnd) =>
  copy(source, target, targetStart, sourceStart, sourceEnd);
/**
 * Has `BufferPrototypeCopy` call the native function that lies below Node's method: that method asks the
 * prototypes for `byteLength`, so that where a guest runs, its code would run inside of a copy.
 */
export function useNativeCopy(
  native: (
    source: Uint8Array,
    target: Uint8Array,
    targetStart: number,
    sourceStart: number,
    length: number,
  ) => number,
): void {
  copy = (source, target, targetStart, sourceStart, sourceEnd) =>
    native(source, target, targetStart, sourceStart, sourceEnd - sourceStart);
}
export const { isNaN: NumberIsNaN } = Number;
export const TypedArrayPrototypeSort = uncurryThis(typedArrayPrototype.sort) as (
  self: TypedArray,
) => TypedArray;
export const NewUint8Array = Uint8Array;
export const NewInt32Array = Int32Array;
export const NewFloat64Array = Float64Array;
