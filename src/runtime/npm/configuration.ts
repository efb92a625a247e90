import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findHostNpm } from "./host-npm.js";

/** What npm uses where nobody has said anything. */
export const PUBLIC_REGISTRY = "https://registry.npmjs.org/";

/** What of the host's npm a guest's npm has to know, and who judges it: nothing that is secret. */
export interface NpmConfiguration {
  /** Its URL, without a user's name and password. */
  registry: string;
  /** `@scope:registry` to the URL. */
  scopes: Record<string, string>;
  /** Where the registries' names lead. */
  addresses: Record<string, string[]>;
  /** A file of certificate authorities. */
  cafile: string | null;
  strictSsl: boolean;
}

const script = fileURLToPath(new URL("./ask-npm.js", import.meta.url));

/** Asking takes a third of a second, and the answer seldom changes: once a process is enough. */
let known: NpmConfiguration | null = null;
let asking: Promise<NpmConfiguration> | null = null;

const argumentsOf = (registries: readonly string[]): string[] => [script, findHostNpm() ?? "", ...registries];

/** The configuration of the host's npm. The event loop stands still for it, the first time. */
export function configurationSync(): NpmConfiguration {
  known ??= parse(spawnSync(process.execPath, argumentsOf([]), { encoding: "utf8" }).stdout);
  return known;
}

/** The same for a registry that the caller names, which nothing is kept of. */
export function registryNamed(url: string): NpmConfiguration {
  const { stdout } = spawnSync(process.execPath, argumentsOf([url]), { encoding: "utf8" });
  return { ...parse(stdout), registry: url };
}

/** The configuration of the host's npm. */
export async function configuration(): Promise<NpmConfiguration> {
  if (known !== null) return known;
  asking ??= promisify(execFile)(process.execPath, argumentsOf([]))
    .then(({ stdout }) => parse(stdout))
    .catch(() => parse(""));
  known = await asking;
  return known;
}

/** What the process says; npm's defaults where it could say nothing. */
function parse(text: string): NpmConfiguration {
  try {
    return JSON.parse(text);
  } catch {
    return { registry: PUBLIC_REGISTRY, scopes: {}, addresses: {}, cafile: null, strictSsl: true };
  }
}
