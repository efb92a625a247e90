import { MAX_PAYLOAD } from "../syscall/channel.js";
import { SYS_WRITE } from "../syscall/numbers.js";
import type { GuestEnv } from "./env.js";
import { internalBinding, primordials } from "./internals.js";

const {
  MathMin,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  Uint8Array: ByteView,
} = primordials;

const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

/**
 * Writes to stdout (1) or stderr (2) before it returns: what a program has written is out of its hands,
 * so that an exit right after it loses nothing. A full ring makes the thread wait, which is all the back
 * pressure there is.
 */
export function writeStdio(env: GuestEnv, fd: number, bytes: Uint8Array): void {
  const length: number = TypedArrayPrototypeGetByteLength(bytes);
  if (length <= MAX_PAYLOAD) {
    if (length !== 0) env.channel.post(SYS_WRITE, fd, 0, bytes, length);
    return;
  }
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  const offset: number = TypedArrayPrototypeGetByteOffset(bytes);
  for (let at = 0; at < length; at += MAX_PAYLOAD) {
    const part = MathMin(length - at, MAX_PAYLOAD);
    env.channel.post(SYS_WRITE, fd, 0, new ByteView(buffer, offset + at, part), part);
  }
}

/** Writes text as UTF-8. */
export function writeStdioText(env: GuestEnv, fd: number, text: string): void {
  writeStdio(env, fd, encodeUtf8(text));
}
