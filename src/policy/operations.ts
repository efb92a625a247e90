/**
 * The operations of each scope. Their order is their number in compiled rules: new ones go to the end.
 */
export const operations = {
  fs: ["read", "write", "create", "delete", "list", "stat", "chmod"],
  network: ["connect", "dns", "udp", "listen", "loopback"],
  childProcess: ["spawn", "kill"],
  process: ["chdir", "umask", "setuid", "usage"],
  env: ["read", "write"],
  tool: ["call"],
} as const;

/** What a rule of the scope `fs` may be about. See `docs/permissions.md` for the calls under each. */
export type FsOperation = (typeof operations.fs)[number];
/** What a rule of the scope `network` may be about. */
export type NetworkOperation = (typeof operations.network)[number];
/** What a rule of the scope `childProcess` may be about. */
export type ChildProcessOperation = (typeof operations.childProcess)[number];
/** What a rule of the scope `process` may be about. */
export type ProcessOperation = (typeof operations.process)[number];
/** What a rule of the scope `env` may be about. */
export type EnvOperation = (typeof operations.env)[number];
/** What a rule of the scope `tool` may be about. */
export type ToolOperation = (typeof operations.tool)[number];

/** A part of what guest code does, with rules of its own. */
export type PermissionScope = keyof typeof operations;

export const scopes = Object.keys(operations) as PermissionScope[];

/** A scope's place in `scopes`. */
export function scopeNumber(scope: PermissionScope): number {
  for (let i = 0; i < scopes.length; i++) if (scopes[i] === scope) return i;
  return -1;
}

/** The bit of an operation in the mask of a compiled rule. */
export function operationBit<S extends PermissionScope>(
  scope: S,
  operation: (typeof operations)[S][number],
): number {
  const names: readonly string[] = operations[scope];
  for (let i = 0; i < names.length; i++) if (names[i] === operation) return 1 << i;
  return 0;
}

/** The mask of all operations of a scope. */
export function allOperations(scope: PermissionScope): number {
  return (1 << operations[scope].length) - 1;
}
