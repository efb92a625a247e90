import { SYS_REFUSAL } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import { addReason } from "./add-reason.js";

const { TypedArrayPrototypeSlice } = primordials;
const { encodeUtf8String, decodeUTF8 } = internalBinding("encoding_binding");
const { owner_symbol } = internalBinding("symbols");

/** Has the error that a socket was just given for a refused connection say what refused it. */
export function explainRefusal({ channel }: GuestEnv, request: Internal, handle: Internal): void {
  const error = handle[owner_symbol]?._readableState?.errored;
  if (typeof error !== "object" || error === null) return;
  channel.call(SYS_REFUSAL, 0, 0, encodeUtf8String(`${request.address} ${request.port}`));
  if (channel.replyLength === 0) return;
  addReason(error, decodeUTF8(TypedArrayPrototypeSlice(channel.reply, 0, channel.replyLength), false, false));
}
