import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { NodeUnavailableError } from "../errors/node-unavailable-error.js";
import { nodeTrouble } from "./node-trouble.js";

/** Versions of Node that this library was tested with. */
export const testedVersions: readonly string[] = ["v26.10.0"];

/** The pinned Node of this system. */
export interface NodeBinary {
  node: string;
  /** The static stage 0 of the platform package; null where it has none. */
  stage0: string | null;
}

const VERSION_TIMEOUT_MS = 20_000;

const cache = new Map<string, Promise<NodeBinary>>();

/** Finds the pinned Node: the one that `SECURE_EXEC_NODE` names, else that of the platform package. */
export function resolveNode(
  override: string | undefined = process.env["SECURE_EXEC_NODE"],
): Promise<NodeBinary> {
  const key = override ?? "";
  const known = cache.get(key);
  if (known !== undefined) return known;
  const resolved = find(key);
  cache.set(key, resolved);
  // What is missing may be installed while this process lives.
  resolved.catch(() => cache.delete(key));
  return resolved;
}

async function find(override: string): Promise<NodeBinary> {
  const packaged = findPackage();
  if (override === "") {
    if (packaged === null) throw notInstalled();
    return packaged;
  }
  const node = realpath(override);
  const version = await versionOf(node);
  if (!testedVersions.includes(version)) {
    throw new NodeUnavailableError(`SECURE_EXEC_NODE names Node ${version}, which is not a tested version`, {
      hint: `Tested: ${testedVersions.join(", ")}.`,
    });
  }
  return { node, stage0: packaged?.stage0 ?? null };
}

function packageName(): string {
  return `@secure-exec/node-${process.platform}-${process.arch}`;
}

function findPackage(): NodeBinary | null {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${packageName()}/package.json`);
  } catch {
    return null;
  }
  // Landlock and /proc name files by their real paths.
  const bin = join(realpathSync(dirname(manifest)), "bin");
  const node = join(bin, "node");
  const stage0 = join(bin, "stage0");
  if (!existsSync(node)) return null;
  return { node, stage0: executable(stage0) ? stage0 : null };
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notInstalled(): NodeUnavailableError {
  const name = packageName();
  const supported = process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
  return new NodeUnavailableError(
    supported
      ? `The package ${name}, which holds the pinned Node, is not installed`
      : `There is no pinned Node for ${process.platform} on ${process.arch}`,
    supported
      ? {
          packages: [name],
          hint: "It is an optional dependency of secure-exec: install without --omit=optional.",
        }
      : { hint: "Linux on x64 and arm64 is supported." },
  );
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new NodeUnavailableError(`SECURE_EXEC_NODE names ${path}, which can't be found`, { cause });
  }
}

function versionOf(node: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { NODE_V8_COVERAGE: undefined };
    execFile(node, ["--version"], { env, timeout: VERSION_TIMEOUT_MS, cwd: "/" }, (error, stdout, stderr) => {
      const version = stdout.trim().slice(0, 40);
      if (error === null && version !== "") resolve(version);
      else reject(nodeTrouble({ node, said: stderr, error }) ?? unusable(node, stderr, error));
    });
  });
}

function unusable(node: string, stderr: string, cause: Error | null): NodeUnavailableError {
  const said = stderr.trim().slice(0, 500);
  return new NodeUnavailableError(`${node} --version failed${said === "" ? "" : `: ${said}`}`, { cause });
}
