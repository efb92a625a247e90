/**
 * The file name under which the guest's boot is compiled (`scripts/wrap-guest.mjs` does it).
 *
 * Frames of it never show in a stack trace, and a source line of it never in an error's report.
 */
export const scriptName = "node:internal/secure_exec";
