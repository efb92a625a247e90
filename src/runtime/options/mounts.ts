import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { posix, relative } from "node:path";
import {
  BackendSource,
  HostDirectory,
  type Mount,
  type MountBackend,
  type MountPlan,
  type MountSource,
} from "../../broker/mounts/index.js";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import type { MountLink } from "../../wire/messages.js";
import { CONTENT } from "../npm/content-cache.js";
import { NPM } from "../npm/npm-files.js";
import { NpmSource } from "../npm/npm-source.js";
import { checkBoolean, isRecord, readFields, refuse } from "./checks.js";
import { checkGuestPath } from "./guest-path.js";
import { checkHostDirectory } from "./host-path.js";
import type { ResolvedNpm } from "./npm.js";

/** A directory of the host that guest programs see. */
export interface MountOptions {
  /** Where guests find it: an absolute path of a directory that is missing or empty. Made when missing. */
  guestPath: string;
  /** A directory of this computer, not `/`. Guests see what is below it, and nothing else. */
  hostPath?: string | URL | undefined;
  /** In place of `hostPath`: where the content comes from, such as what `secure-exec/mounts` makes. */
  backend?: MountBackend | undefined;
  /** Guests can't change anything in it. Default true. */
  readOnly?: boolean | undefined;
  /**
   * Guests may change it, and their changes stay in the machine: the host's directory is never written. Default
   * false.
   */
  overlay?: boolean | undefined;
}

/** Where guest programs find packages. */
export interface NodeModulesOptions {
  /** A `node_modules` directory of this computer. */
  hostPath: string | URL;
  /** Where guests find it. Default `/node_modules`, which every directory's modules are looked for in. */
  guestPath?: string | undefined;
  /**
   * The directory of a workspace that `hostPath` lies in. It is mounted too, at `/workspace`, so that links from
   * `node_modules` to the workspace's own packages lead somewhere.
   */
  root?: string | URL | undefined;
}

const MAX_MOUNTS = 64;
const NODE_MODULES = "/node_modules";
const WORKSPACE = "/workspace";

/** Directories of every machine that have something in them. */
const taken: ReadonlySet<string> = new Set([
  "/",
  "/bin",
  "/dev",
  "/dev/shm",
  "/etc",
  "/home",
  "/proc",
  "/usr",
  "/usr/bin",
  "/usr/local",
  "/usr/local/bin",
  "/var",
]);

/** Mounts as they are gathered, each with the option that it comes from. */
class Gathering implements MountPlan {
  readonly mounts: (Mount & { key: string })[] = [];
  readonly links: MountLink[] = [];
  changing = false;
  /** A disk that comes from elsewhere may have mounts of its own. */
  #lastId = randomInt(1, 2 ** 31 - MAX_MOUNTS - 2);

  add(key: string, mount: Omit<Mount, "id">): void {
    const { path } = mount;
    if (taken.has(path) || path.startsWith("/proc/") || path.startsWith("/dev/"))
      refuse(key, "a directory of the guest that is missing or empty", path);
    const other = this.near(path);
    if (other !== undefined) {
      throw new InvalidOptionError({
        key,
        expected: `a path apart from ${other.key}, ${JSON.stringify(other.path)}`,
        received: JSON.stringify(path),
      });
    }
    this.mounts.push({ ...mount, key, id: ++this.#lastId });
  }

  /** A mount that would be in the way of one at a path. */
  near(path: string): { key: string; path: string } | undefined {
    return this.mounts.find((known) => isWithin(path, known.path) || isWithin(known.path, path));
  }
}

/** Whether a path is another one or lies below it. */
function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Checks the options `mounts` and `nodeModules`; undefined where nothing is mounted, npm neither. */
export function checkMounts(
  mounts: unknown,
  nodeModules: unknown,
  npm: ResolvedNpm | null,
): MountPlan | undefined {
  const gathering = new Gathering();
  if (mounts !== undefined) {
    if (!Array.isArray(mounts) || mounts.length > MAX_MOUNTS)
      refuse("mounts", `an array of at most ${MAX_MOUNTS} mounts`, mounts);
    for (const [i, mount] of mounts.entries()) checkMount(gathering, mount, `mounts[${i}]`);
  }
  if (nodeModules !== undefined) checkNodeModules(gathering, nodeModules);
  gathering.changing = gathering.mounts.length > 0;
  const safe = existsSync("/proc/self/fd");
  if (gathering.changing && !safe) {
    throw new InvalidOptionError({
      key: mounts === undefined ? "nodeModules" : "mounts",
      expected: "left out on a computer without /proc, where directories can't be opened safely",
    });
  }
  if (npm !== null && safe) addNpm(gathering, npm);
  return gathering.mounts.length === 0 ? undefined : gathering;
}

/** npm, and what is kept of packages; what the caller has mounted there stands unless npm was asked for. */
function addNpm(gathering: Gathering, { cache, wanted }: ResolvedNpm): void {
  if (!wanted && gathering.near(NPM) !== undefined) return;
  gathering.add("npm", { path: NPM, sealed: true, source: new NpmSource() });
  for (const name of ["npm", "npx"])
    gathering.links.push({ path: `/usr/local/bin/${name}`, target: `${NPM}/bin/${name}-cli.js` });
  if (cache !== undefined) gathering.add("npm.cache", { path: CONTENT, sealed: false, source: cache });
}

function checkMount(gathering: Gathering, value: unknown, key: string): void {
  if (!isRecord(value)) refuse(key, "an object", value);
  const given = readFields(
    value,
    key,
    ["guestPath", "hostPath", "backend", "readOnly", "overlay"],
    `${key}.`,
  );
  const path = checkMountPath(given.guestPath, `${key}.guestPath`);
  const readOnly = given.readOnly === undefined || checkBoolean(given.readOnly, `${key}.readOnly`);
  const overlay = given.overlay !== undefined && checkBoolean(given.overlay, `${key}.overlay`);
  if (!readOnly && !overlay) refuse(`${key}.readOnly`, "true, or left out", false);
  gathering.add(`${key}.guestPath`, { path, sealed: !overlay, source: checkSource(given, key) });
}

function checkSource(
  { hostPath, backend }: { hostPath?: unknown; backend?: unknown },
  key: string,
): MountSource {
  if (backend === undefined) {
    const { real, given } = checkHostDirectory(hostPath, `${key}.hostPath`);
    return new HostDirectory(real, given);
  }
  if (hostPath !== undefined) refuse(`${key}.backend`, "left out beside hostPath", backend);
  const { readdir, readFile, watch } = (backend ?? {}) as Partial<Record<keyof MountBackend, unknown>>;
  const whole = typeof readdir === "function" && typeof readFile === "function";
  if (!whole || (watch !== undefined && typeof watch !== "function"))
    refuse(`${key}.backend`, "an object with the functions readdir and readFile", backend);
  return new BackendSource(backend as MountBackend);
}

function checkNodeModules(gathering: Gathering, value: unknown): void {
  const key = "nodeModules";
  const whole = typeof value === "string" || value instanceof URL;
  if (!whole && !isRecord(value))
    refuse(key, "the path of a directory of this computer, or an object", value);
  const given = whole
    ? { hostPath: value }
    : readFields(value, key, ["hostPath", "guestPath", "root"], `${key}.`);
  const { guestPath = NODE_MODULES, root } = given as Record<string, unknown>;
  const path = checkMountPath(guestPath, `${key}.guestPath`);
  const directory = checkHostDirectory(given.hostPath, whole ? key : `${key}.hostPath`);
  if (root === undefined) {
    const source = new HostDirectory(directory.real, directory.given);
    gathering.add(`${key}.guestPath`, { path, sealed: true, source });
    return;
  }
  const above = checkHostDirectory(root, `${key}.root`);
  const inside = relative(above.real, directory.real);
  if (inside === "" || inside.startsWith(".."))
    refuse(`${key}.root`, "a directory that nodeModules.hostPath lies in", root);
  const source = new HostDirectory(above.real, above.given);
  gathering.add(`${key}.root`, { path: WORKSPACE, sealed: true, source });
  gathering.links.push({ path, target: posix.join(WORKSPACE, inside) });
}

function checkMountPath(value: unknown, key: string): string {
  const path = posix.resolve(checkGuestPath(value, key));
  // What is there already would be hidden.
  if (taken.has(path)) refuse(key, "a directory of the guest that is missing or empty", value);
  return path;
}

/** Refuses files that would lie in what is mounted. */
export function refuseFilesInMounts(files: readonly { path: string }[], plan: MountPlan | undefined): void {
  if (plan === undefined) return;
  for (const { path } of files) {
    const hidden = [...plan.mounts, ...plan.links].find(
      (mount) => isWithin(path, mount.path) || isWithin(mount.path, path),
    );
    if (hidden !== undefined)
      refuse(`files[${JSON.stringify(path)}]`, `a path apart from what is mounted at ${hidden.path}`, path);
  }
}
