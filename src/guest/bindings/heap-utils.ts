/** Heap snapshots: Node's own streams; and a file of one is written to the disk. */
import { O_CREAT, O_TRUNC, O_WRONLY } from "../../disk/modes.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { ProcessState } from "../process-state.js";
import { diagnosticName } from "./diagnostic-name.js";
import { uvException } from "./fs/errors.js";

const { ArrayPrototypePush, FunctionPrototypeCall, TypedArrayPrototypeGetLength } = primordials;
const Bytes = Uint8Array;

export function heapUtilsBinding({ disk }: GuestEnv, state: ProcessState): Record<string, Internal> {
  const { createHeapSnapshotStream } = internalBinding("heap_utils");
  const { streamBaseState, kReadBytesOrError } = internalBinding("stream_wrap");

  /** The snapshot in pieces: a stream that is read all at once. */
  function snapshot(options: unknown): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const handle = createHeapSnapshotStream(options);
    handle.onread = (buffer: ArrayBuffer) => {
      const count = streamBaseState[kReadBytesOrError];
      if (count > 0) ArrayPrototypePush(pieces, new Bytes(buffer, 0, count));
    };
    FunctionPrototypeCall(handle.readStart, handle);
    return pieces;
  }

  function triggerHeapSnapshot(filename: unknown, options: unknown): string {
    const path = filename === undefined ? `Heap.${diagnosticName(state)}.heapsnapshot` : filename;
    const file = disk.open(path as string, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
    if (file < 0) throw uvException(triggerHeapSnapshot, file, "open", path as string);
    const pieces = snapshot(options);
    let result = 0;
    for (let i = 0; i < pieces.length && result >= 0; i++) {
      const piece = pieces[i] as Uint8Array;
      const length = TypedArrayPrototypeGetLength(piece);
      result = disk.write(file, piece, 0, length, -1);
      if (result >= 0 && result < length) result = disk.write(file, piece, result, length - result, -1);
    }
    disk.close(file);
    if (result < 0) throw uvException(triggerHeapSnapshot, result, "write", path as string);
    return path as string;
  }

  return { triggerHeapSnapshot };
}
