const prefix = "Initiated Worker with invalid execArgv flags: ";

/** What Node has to say about the values of options that it was to make a worker with; null for other errors. */
export function complaintOf(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== "ERR_WORKER_INVALID_EXEC_ARGV" || typeof message !== "string") return null;
  return message.slice(prefix.length);
}
