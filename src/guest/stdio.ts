import { MAX_PAYLOAD } from "../syscall/channel.js";
import { ERESTARTSYS } from "../syscall/errno.js";
import { SYS_WRITE } from "../syscall/numbers.js";
import { STDERR_PIPE, STDOUT_PIPE, TERMINAL } from "../syscall/process-page.js";
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

/** By which number the kernel knows where a descriptor's output goes; -1 where that is none of its streams. */
export function streamOf(value: number): number {
  if (value === STDOUT_PIPE) return 1;
  if (value === STDERR_PIPE) return 2;
  return value === TERMINAL ? 0 : -1;
}

/**
 * Writes to stdout (1), stderr (2) or the terminal (0) before it returns: what a program has written is out of its hands,
 * so that an exit right after it loses nothing. A full ring makes the thread wait, which is all the back
 * pressure there is.
 */
export function writeStdio(
  env: GuestEnv,
  stream: number,
  bytes: Uint8Array,
  length: number = TypedArrayPrototypeGetByteLength(bytes),
): void {
  if (length <= MAX_PAYLOAD) {
    if (length !== 0) env.channel.post(SYS_WRITE, stream, 0, bytes, length);
    return;
  }
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  const offset: number = TypedArrayPrototypeGetByteOffset(bytes);
  for (let at = 0; at < length; at += MAX_PAYLOAD) {
    const part = MathMin(length - at, MAX_PAYLOAD);
    env.channel.post(SYS_WRITE, stream, 0, new ByteView(buffer, offset + at, part), part);
  }
}

/** Writes text as UTF-8 to a descriptor, whatever that is by now, as C++ would. */
export function writeStdioText(env: GuestEnv, fd: number, text: string): void {
  const bytes = encodeUtf8(text);
  const value = env.fds.get(fd);
  const stream = streamOf(value);
  if (stream >= 0) {
    writeStdio(env, stream, bytes);
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
