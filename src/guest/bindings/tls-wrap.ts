import { type Internal, internalBinding, primordials } from "../internals.js";
import { StreamHandle } from "./stream-handle.js";

const { ReflectApply } = primordials;

/** TLS on a stream of ours, which has no way in C++ to tell of an error. */
export function tlsWrap(): Record<string, Internal> {
  const { wrap } = internalBinding("tls_wrap");
  return {
    wrap(stream: object, context: unknown, isServer: unknown, hasActiveWrite: unknown): Internal {
      const above = ReflectApply(wrap, undefined, [stream, context, isServer, hasActiveWrite]);
      StreamHandle.carry(stream, above);
      return above;
    },
  };
}
