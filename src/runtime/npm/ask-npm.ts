/*
 * A process of the host's own: asks npm for its configuration, and resolvers for where the registries are. Its
 * arguments are npm's directory, and registries that are asked about in the place of npm's.
 */
import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { type NpmConfiguration, PUBLIC_REGISTRY } from "./configuration.js";

const [directory, ...named] = process.argv.slice(2);

/** What npm would use in this directory, but for what is secret: it leaves that out itself. */
function configured(): Record<string, unknown> {
  if (directory === undefined || directory === "" || named.length > 0) return {};
  try {
    const args = [join(directory, "bin/npm-cli.js"), "config", "list", "--long", "--json"];
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", stdio: [...stdio] }));
  } catch {
    return {};
  }
}

/** A registry without who asks. */
function plainly(url: unknown): string | null {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const { protocol, host, pathname } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? `${protocol}//${host}${pathname}` : null;
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) return [];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

async function ask(): Promise<NpmConfiguration> {
  const given = configured();
  const scopes: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const url = key.startsWith("@") && key.endsWith(":registry") ? plainly(value) : null;
    if (url !== null) scopes[key] = url;
  }
  const [first = plainly(given["registry"]) ?? PUBLIC_REGISTRY, ...more] = named;
  const hosts = [first, ...more, ...Object.values(scopes)].map((url) => new URL(url).hostname);
  const addresses: Record<string, string[]> = {};
  for (const host of new Set(hosts)) addresses[host] = await addressesOf(host);
  const { cafile, "strict-ssl": strict } = given;
  return {
    registry: first,
    scopes,
    addresses,
    cafile: typeof cafile === "string" ? cafile : null,
    strictSsl: strict !== false,
  };
}

process.stdout.write(JSON.stringify(await ask()));
