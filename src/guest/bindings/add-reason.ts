import { type Internal, primordials } from "../internals.js";

const { ObjectDefineProperty, StringPrototypeIndexOf, StringPrototypeSlice } = primordials;

/** Has an error that Node made say why something was refused. */
export function addReason(error: Internal, reason: string): void {
  const message: unknown = error?.message;
  const stack: unknown = error?.stack;
  if (typeof message !== "string") return;
  const whole = `${message} (${reason})`;
  hide(error, "message", whole);
  if (typeof stack !== "string") return;
  const at: number = StringPrototypeIndexOf(stack, message);
  if (at < 0) return;
  const rest = StringPrototypeSlice(stack, at + message.length);
  hide(error, "stack", `${StringPrototypeSlice(stack, 0, at)}${whole}${rest}`);
}

function hide(target: object, name: string, value: string): void {
  ObjectDefineProperty(target, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
