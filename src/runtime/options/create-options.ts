import { posix } from "node:path";
import type { ResolvedSecret } from "../../broker/egress/secrets/index.js";
import type { MountPlan } from "../../broker/mounts/index.js";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import type { BootTiming } from "../../machine/index.js";
import type { AuditEvent } from "../../policy/audit.js";
import type { CompiledPermissions } from "../../policy/compiled.js";
import type { Permissions } from "../../policy/permissions.js";
import type { ContentCache } from "../npm/content-cache.js";
import type { ReviveEvent } from "../revival.js";
import type { Content } from "../snapshot/format.js";
import { contentOf, type Snapshot } from "../snapshot/snapshot.js";
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkText,
  isRecord,
  readFields,
  refuse,
} from "./checks.js";
import { argumentBytes, checkEnvironment, type Environment, mergeEnvironments } from "./environment.js";
import { checkFilePath, checkGuestPath } from "./guest-path.js";
import { checkLimits, type Limits, type ResolvedLimits } from "./limits.js";
import { checkMounts, type MountOptions, type NodeModulesOptions, refuseFilesInMounts } from "./mounts.js";
import { checkNpm, type NpmOptions } from "./npm.js";
import { checkPermissions } from "./permissions.js";
import { checkSecrets, type Secret } from "./secrets.js";
import { checkSystem, type ResolvedSystem, type SystemOptions } from "./system.js";

const MAX_PORTS = 256;

/** What `NodeRuntime.create()` takes. */
export interface CreateOptions {
  /**
   * Variables of every call, added to the guest's own (`HOME`, `LANG`, `LOGNAME`, `PATH`, `SHELL`,
   * `USER`). Nothing of the host's environment is passed on. `undefined` takes a variable away.
   */
  env?: Record<string, string | undefined> | undefined;
  /** Working directory of calls that name no other. Made when missing. Default `/home/user`. */
  cwd?: string | undefined;
  /**
   * Files that are on the disk before the first call: absolute paths in the guest to text (as UTF-8) or
   * bytes. Missing directories are made and belong to the guest's user.
   */
  files?: Record<string, string | Uint8Array> | undefined;
  /**
   * What the disk is like before the first call, `files` apart. Its `cwd` and `env` are the defaults of these
   * options, its disk's `limits.diskBytes` and `limits.inodes` are in force.
   */
  snapshot?: Snapshot | undefined;
  /**
   * The path of a file on the host that the disk is kept in, made when it is missing: what is on the disk
   * then outlives the runtime and this process, however they end. One runtime at a time can have it, with the
   * `limits.diskBytes` and `limits.inodes` that it was made with. Default: the disk ends with the runtime.
   */
  persist?: string | undefined;
  /** Directories of this computer that guests see: see `docs/mounts.md`. */
  mounts?: readonly MountOptions[] | undefined;
  /** A `node_modules` directory of this computer, whose packages guests can import. Mounted at `/node_modules`. */
  nodeModules?: string | URL | NodeModulesOptions | undefined;
  /**
   * The commands `npm` and `npx` of guests, which are those of this computer's npm; `false` for none. See
   * `docs/npm.md`. Default: without a cache that runtimes share.
   */
  npm?: false | NpmOptions | undefined;
  /** What guest code may do. Default: all but the network. The host's own methods are not bound by it. */
  permissions?: Permissions | undefined;
  /**
   * Ports of this computer's loopback that guest code may connect to, by `127.0.0.1`, `::1` or `localhost`,
   * whatever `permissions` say. A server of the guest's own on the same port comes first. Default: none.
   */
  loopbackExemptPorts?: readonly number[] | undefined;
  /**
   * Secrets that programs use without having them: a variable by each name has a placeholder, which your
   * process replaces by the value in one header of https requests to the hosts that are named. The hosts have
   * to be allowed by `permissions.network` as well. Default: none.
   */
  secrets?: Readonly<Record<string, Secret>> | undefined;
  /** Ceilings of this runtime. */
  limits?: Limits | undefined;
  /** The computer that guest programs believe to run on. */
  os?: SystemOptions | undefined;
  /**
   * `"required"`, the default, rejects where the machine can't be jailed. `"unsafe-none"` then goes on
   * without a jail: guest code can reach the host as any program of this user can.
   */
  jail?: "required" | "unsafe-none" | undefined;
  /** Called each time a machine has started, with the milliseconds that each part took. */
  onBootTiming?: ((timing: BootTiming) => void) | undefined;
  /** Called each time a machine that died has been replaced by another one on the same disk. */
  onRevive?: ((event: ReviveEvent) => void) | undefined;
  /**
   * Called for each decision about what guest code asked for that is worth a report: all refusals, within
   * the bounds that `AuditEvent` names. What it throws surfaces as an uncaught exception.
   */
  onAudit?: ((event: AuditEvent) => void) | undefined;
}

/** A file to be put on the disk. */
export interface InitialFile {
  path: string;
  data: Uint8Array;
  /** Bytes that there were when it was checked. */
  length: number;
}

/** What `create()` works with. */
export interface ResolvedCreateOptions {
  env: Environment;
  cwd: string;
  files: InitialFile[];
  /** What is on the disk before the files. */
  snapshot: Content | undefined;
  /** The file that the disk is in. */
  persist: string | undefined;
  mounts: MountPlan | undefined;
  npmCache: ContentCache | undefined;
  permissions: CompiledPermissions;
  loopbackExemptPorts: readonly number[];
  secrets: readonly ResolvedSecret[];
  limits: ResolvedLimits;
  os: ResolvedSystem;
  jail: "required" | "unsafe-none";
  onBootTiming: ((timing: BootTiming) => void) | undefined;
  onRevive: ((event: ReviveEvent) => void) | undefined;
  onAudit: ((event: AuditEvent) => void) | undefined;
}

const keys = [
  "env",
  "cwd",
  "files",
  "snapshot",
  "persist",
  "mounts",
  "nodeModules",
  "npm",
  "permissions",
  "loopbackExemptPorts",
  "secrets",
  "limits",
  "os",
  "jail",
  "onBootTiming",
  "onRevive",
  "onAudit",
] as const;

/** Checks all options of `create()`. Throws InvalidOptionError. */
export function checkCreateOptions(options: unknown): ResolvedCreateOptions {
  const given = readFields(options, "options", keys);
  const snapshot = given.snapshot === undefined ? undefined : checkSnapshot(given.snapshot);
  const from = snapshot?.description;
  const limits = checkLimits(given.limits, from);
  const secrets = checkSecrets(given.secrets);
  const env = { ...from?.env, ...checkEnvironment(given.env, "env"), ...placeholders(secrets) };
  const bytes = argumentBytes([], mergeEnvironments(env));
  if ((given.env !== undefined || snapshot !== undefined) && bytes > limits.argumentBytes) {
    throw new InvalidOptionError({
      key: "env",
      expected: `at most ${limits.argumentBytes} bytes with the guest's own (limits.argumentBytes)`,
      received: `${bytes} bytes`,
    });
  }
  const files = given.files === undefined ? [] : checkFiles(given.files, limits.diskBytes);
  const npm = checkNpm(given.npm);
  const mounts = checkMounts(given.mounts, given.nodeModules, npm);
  refuseFilesInMounts(files, mounts);
  return {
    env,
    cwd:
      given.cwd === undefined ? (from?.cwd ?? "/home/user") : posix.resolve(checkGuestPath(given.cwd, "cwd")),
    files,
    snapshot,
    persist: given.persist === undefined ? undefined : checkPersist(given.persist, snapshot),
    mounts,
    npmCache: npm?.cache,
    permissions: checkPermissions(given.permissions),
    loopbackExemptPorts: given.loopbackExemptPorts === undefined ? [] : checkPorts(given.loopbackExemptPorts),
    secrets,
    limits,
    os: checkSystem(given.os, limits),
    jail: given.jail === undefined ? "required" : checkJail(given.jail),
    onBootTiming:
      given.onBootTiming === undefined ? undefined : checkFunction(given.onBootTiming, "onBootTiming"),
    onRevive: given.onRevive === undefined ? undefined : checkFunction(given.onRevive, "onRevive"),
    onAudit: given.onAudit === undefined ? undefined : checkFunction(given.onAudit, "onAudit"),
  };
}

function checkJail(value: unknown): "required" | "unsafe-none" {
  if (value === "required" || value === "unsafe-none") return value;
  return refuse("jail", `"required" or "unsafe-none"`, value);
}

function checkPersist(value: unknown, snapshot: Content | undefined): string {
  const path = checkText(value, "persist");
  if (path === "") refuse("persist", "the path of a file", value);
  if (snapshot !== undefined) refuse("persist", "left out where there is a snapshot", value);
  return path;
}

function checkSnapshot(value: unknown): Content {
  return (
    contentOf(value) ?? refuse("snapshot", "a Snapshot, as snapshot() and Snapshot.fromBuffer() give", value)
  );
}

function placeholders(secrets: readonly ResolvedSecret[]): Environment {
  return Object.fromEntries(secrets.map(({ name, placeholder }) => [name, placeholder]));
}

function checkPorts(value: unknown): number[] {
  if (!Array.isArray(value)) refuse("loopbackExemptPorts", "an array of ports", value);
  if (value.length > MAX_PORTS) refuse("loopbackExemptPorts", `at most ${MAX_PORTS} ports`, value);
  return Array.from(value as unknown[], (port, i) =>
    checkInteger(port, `loopbackExemptPorts[${i}]`, { min: 1, max: 65_535, unit: "port" }),
  );
}

function checkFiles(value: unknown, diskBytes: number): InitialFile[] {
  if (!isRecord(value)) refuse("files", "an object of paths and their contents", value);
  const files = new Map<string, InitialFile>();
  let total = 0;
  for (const name of Object.keys(value)) {
    const key = `files[${JSON.stringify(name)}]`;
    const path = checkFilePath(name, key);
    const data = checkBytes(value[name], key, diskBytes);
    if (files.has(path)) refuse(key, `a path that is not given twice, as ${path} is`, name);
    files.set(path, { path, data, length: data.length });
    total += data.length;
  }
  if (total > diskBytes) {
    throw new InvalidOptionError({
      key: "files",
      expected: `files of at most ${diskBytes} bytes together (limits.diskBytes)`,
      received: `${total} bytes`,
    });
  }
  for (const { path } of files.values()) refuseFileAsParent(path, files);
  return [...files.values()];
}

function refuseFileAsParent(path: string, files: ReadonlyMap<string, InitialFile>): void {
  for (let parent = posix.dirname(path); parent !== "/"; parent = posix.dirname(parent)) {
    if (files.has(parent)) {
      refuse(`files[${JSON.stringify(path)}]`, `a path whose parents are no files, as ${parent} is`, path);
    }
  }
}
