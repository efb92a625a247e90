/** Landlock: what a machine may read, and that it reaches nothing else of files, TCP and signals. */
import { closeSync, fstatSync, openSync } from "node:fs";
import { JailError } from "../jail-error.js";
import { allocate, syscall } from "../native.js";
import { syscallNumber } from "../seccomp/architecture.js";

const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_RULE_PATH_BENEATH = 1;
const EXECUTE = 1n;
const READ_FILE = 4n;
const READ_DIR = 8n;
/** Bind and connect by TCP. */
const ACCESS_NET = 3n;
/** Abstract unix sockets, and signals, out of the machine. */
const SCOPED = 3n;
const O_PATH = 0o10000000;

/** What each version of the interface can forbid in the file system, and how long its ruleset is. */
const versions: readonly { fs: bigint; size: number }[] = [
  { fs: 0x1fffn, size: 8 },
  { fs: 0x3fffn, size: 8 },
  { fs: 0x7fffn, size: 8 },
  { fs: 0x7fffn, size: 16 },
  { fs: 0xffffn, size: 16 },
  { fs: 0xffffn, size: 24 },
];

/**
 * Restricts this thread, and with it the program that it executes, to reading `paths`. Answers the
 * version of Landlock in force, 0 where the kernel has none or a container's filter hides it.
 */
export function restrictFiles(paths: readonly string[]): number {
  const create = syscallNumber("landlock_create_ruleset");
  const version = syscall(create, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
  const known = versions[Math.min(version, versions.length) - 1];
  if (known === undefined) return 0;
  const attributes = allocate(24);
  attributes.view.setBigUint64(0, known.fs, true);
  attributes.view.setBigUint64(8, ACCESS_NET, true);
  attributes.view.setBigUint64(16, SCOPED, true);
  const ruleset = syscall(create, attributes.address, known.size, 0);
  if (ruleset < 0) throw new JailError("landlock_create_ruleset", String(ruleset));
  for (const path of paths) allowReading(ruleset, path);
  const result = syscall(syscallNumber("landlock_restrict_self"), ruleset, 0);
  if (result !== 0) throw new JailError("landlock_restrict_self", String(result));
  closeSync(ruleset);
  return version;
}

function allowReading(ruleset: number, path: string): void {
  let fd: number;
  try {
    fd = openSync(path, O_PATH);
  } catch {
    return; // no rule: what is not there stays out of reach
  }
  // Node and its loader are executed once more, by this program; later the filter kills an exec.
  const access = EXECUTE | READ_FILE | (fstatSync(fd).isDirectory() ? READ_DIR : 0n);
  // struct landlock_path_beneath_attr, packed
  const rule = allocate(12);
  rule.view.setBigUint64(0, access, true);
  rule.view.setInt32(8, fd, true);
  const add = syscallNumber("landlock_add_rule");
  const result = syscall(add, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule.address, 0);
  if (result !== 0) throw new JailError("landlock_add_rule", String(result));
  closeSync(fd);
}
