/** What `/proc/<pid>/status` says about one field, null where it has no such field. */
export function statusField(status: string, field: string): string | null {
  const start = status.startsWith(`${field}:`) ? 0 : status.indexOf(`\n${field}:`) + 1;
  if (start === 0 && !status.startsWith(`${field}:`)) return null;
  const end = status.indexOf("\n", start);
  return status.slice(start + field.length + 1, end < 0 ? undefined : end).trim();
}

/** A field that starts with a number, null where it has none. */
export function statusNumber(status: string, field: string): number | null {
  const digits = /^\d+/u.exec(statusField(status, field) ?? "");
  return digits === null ? null : Number(digits[0]);
}

/** Memory that is a process's own and nobody else's. */
const own = ["RssAnon", "VmSwap", "VmPTE"];

/**
 * What a process takes of the system's memory, in bytes: page tables too, since reading memory that was
 * never written takes nothing else, and shared memory beyond what it was given.
 */
export function memoryOf(status: string, shared: number): number {
  const kilobytes = own.reduce((sum, field) => sum + (statusNumber(status, field) ?? 0), 0);
  return kilobytes * 1024 + Math.max(0, (statusNumber(status, "RssShmem") ?? 0) * 1024 - shared);
}

/** Whether a thread has ended and waits for its process to. */
export function isZombie(status: string): boolean {
  return statusField(status, "State")?.startsWith("Z") ?? false;
}

const SIGKILL_BIT = 0x100n;

/** Whether a thread will end as soon as it gets to run: nothing takes this signal back. */
export function isDying(status: string): boolean {
  const pending = statusField(status, "SigPnd") ?? "";
  return /^[\da-f]+$/u.test(pending) && (BigInt(`0x${pending}`) & SIGKILL_BIT) !== 0n;
}
