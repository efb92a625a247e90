import type { Internal } from "../../internals.js";
import type { ProcessState } from "../../process-state.js";
import type { HandleEvents } from "../stream-handle.js";
import { addressCalls } from "./addresses.js";
import { channelClass } from "./channel.js";
import type { Names } from "./names.js";
import { GetAddrInfoReqWrap, GetNameInfoReqWrap, QueryReqWrap } from "./requests.js";

/** The binding that `node:dns` stands on: every question goes to the host, which judges it. */
export function caresWrap(names: Names, events: HandleEvents, state: ProcessState): Record<string, Internal> {
  return {
    ChannelWrap: channelClass(names, events),
    GetAddrInfoReqWrap,
    GetNameInfoReqWrap,
    QueryReqWrap,
    ...addressCalls(names, events, state),
  };
}
