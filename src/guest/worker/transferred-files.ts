import { type Internal, internalBinding, primordials } from "../internals.js";

const { ReflectApply } = primordials;
const {
  messaging_deserialize_symbol: deserialize,
  messaging_transfer_symbol: transfer,
  messaging_transfer_list_symbol: transferList,
} = internalBinding("symbols");

/**
 * Has file handles of `fs/promises` go to other threads by their descriptors, which the threads of a process
 * share: Node transfers the native handle, and ours is none that V8 could.
 */
export function transferFilesByDescriptor({ FileHandle }: Internal): void {
  const { prototype } = FileHandle;
  const nodeTransfer = prototype[transfer];
  const nodeDeserialize = prototype[deserialize];

  prototype[transfer] = function (this: unknown): Internal {
    const sent = ReflectApply(nodeTransfer, this, []);
    sent.data = { fd: sent.data.handle.releaseFD() };
    return sent;
  };
  prototype[transferList] = () => [];
  prototype[deserialize] = function (this: unknown, { fd }: { fd: number }): void {
    const { FileHandle: Handle } = internalBinding("fs");
    ReflectApply(nodeDeserialize, this, [{ handle: new Handle(fd) }]);
  };
}
