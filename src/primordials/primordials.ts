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
