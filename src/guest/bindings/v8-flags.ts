import { SYS_V8_FLAGS } from "../../syscall/numbers.js";
import { deniedError } from "../denied.js";
import type { GuestEnv } from "../env.js";
import { internalBinding } from "../internals.js";

const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

/** `v8.setFlagsFromString`: the flags are the whole machine's, so that its kernel sets them, or doesn't. */
export function createSetFlags(env: GuestEnv): (flags: string) => void {
  return function setFlagsFromString(flags: string): void {
    if (env.channel.call(SYS_V8_FLAGS, 0, 0, encodeUtf8(flags)) < 0)
      throw deniedError("v8.setFlagsFromString", setFlagsFromString);
  };
}
