import { MAX_PAYLOAD } from "../syscall/channel.js";
import { ERESTARTSYS } from "../syscall/errno.js";
import { SYS_WRITE } from "../syscall/numbers.js";
import { STDERR_PIPE, STDOUT_PIPE } from "../syscall/process-page.js";
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

/** Writes text as UTF-8 to a descriptor, whatever that is by now, as C++ would. */
export function writeStdioText(env: GuestEnv, fd: number, text: string): void {
  const bytes = encodeUtf8(text);
  const value = env.fds.get(fd);
  if (value === STDOUT_PIPE || value === STDERR_PIPE) {
    writeStdio(env, value === STDOUT_PIPE ? 1 : 2, bytes);
    return;
  }
  const length: number = TypedArrayPrototypeGetByteLength(bytes);
  for (let done = 0; done < length; ) {
    const count = env.disk.write(value, bytes, done, length - done, -1);
    if (count === -ERESTARTSYS) env.disk.wait();
    else if (count <= 0) return;
    else done += count;
  }
}
