import { SYS_REFUSAL } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import { addReason } from "./add-reason.js";

const { TypedArrayPrototypeSlice } = primordials;
const { encodeUtf8String, decodeUTF8 } = internalBinding("encoding_binding");
const { owner_symbol } = internalBinding("symbols");

/** Has the error that a socket was just given for a refused connection say what refused it. */
export function explainRefusal(env: GuestEnv, request: Internal, handle: Internal): void {
  const error = handle[owner_symbol]?._readableState?.errored;
  if (typeof error !== "object" || error === null) return;
  const reason = refusalOf(env, request.address, request.port);
  if (reason !== "") addReason(error, reason);
}

/** What refused the last connection, or datagram, to an address; nothing if that is not known. */
export function refusalOf({ channel }: GuestEnv, address: string, port: number): string {
  channel.call(SYS_REFUSAL, 0, 0, encodeUtf8String(`${address} ${port}`));
  return decodeUTF8(TypedArrayPrototypeSlice(channel.reply, 0, channel.replyLength), false, false);
}
