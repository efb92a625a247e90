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
