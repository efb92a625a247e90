import { writeSync } from "node:fs";

/** What one process may make the machine say about it, in bytes. */
const MAX_REPORTED = 16 * 1024;

/** Writes to the machine's own standard error, which the host keeps for when the machine ends. */
export function report(text: string | Uint8Array): void {
  try {
    writeSync(2, typeof text === "string" ? Buffer.from(text) : text);
  } catch {
    // A host that doesn't read it, or is gone, is told in another way or not at all.
  }
}

/** A reporter for bytes that guest code can cause: after 16 KiB it says nothing more. */
export function boundedReport(): (bytes: Uint8Array) => void {
  let left = MAX_REPORTED;
  return (bytes) => {
    if (left <= 0) return;
    report(bytes.subarray(0, left));
    left -= bytes.length;
  };
}

/** Ends the machine, since its kernel can no longer be trusted to do what it is for. */
export function failClosed(reason: string, error: unknown): never {
  report(`secure-exec kernel: ${reason}: ${error instanceof Error ? error.stack : String(error)}\n`);
  // Unlike `process.exit`, it runs nothing more of this program.
  (process as unknown as { reallyExit(code: number): never }).reallyExit(70);
  throw error;
}
