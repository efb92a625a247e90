import { canonicalAddress, specialKind } from "../../broker/egress/index.js";
import type { NetworkRule, RuleSet } from "../../policy/permissions.js";
import { refuse } from "../options/checks.js";
import { configurationSync, type NpmConfiguration, registryNamed } from "./configuration.js";

/**
 * A rule of `permissions.network` that allows npm's registry and nothing else: the one that the npm of this computer
 * is configured for in the current directory, with those of its scopes, or the one that is given.
 *
 * It asks npm and the system's resolvers, once a process, for which your event loop stands still for a third of a
 * second or so. A registry whose name leads to an address that is not of the public internet is allowed by that
 * address too.
 *
 * @param registry Its URL. Guests then have to be told of it as well, by `env: { npm_config_registry: url }`.
 * @throws InvalidOptionError for what is no URL of http or https.
 *
 * @example
 * ```ts
 * const rt = await NodeRuntime.create({ permissions: { network: registryOnly() } });
 * await rt.command("npm", ["install", "zod"]);
 * ```
 */
export function registryOnly(registry?: string | URL): RuleSet<NetworkRule> {
  const found = registry === undefined ? configurationSync() : registryNamed(checkRegistry(registry));
  const urls = [found.registry, ...Object.values(found.scopes)];
  const patterns = new Set(urls.flatMap((url) => patternsOf(new URL(url), found)));
  return {
    default: "deny",
    rules: [{ mode: "allow", operations: ["connect", "dns"], patterns: [...patterns] }],
  };
}

function checkRegistry(value: unknown): string {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    refuse("registry", "the URL of a registry, of http or https", value);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function patternsOf({ protocol, hostname, port }: URL, { addresses }: NpmConfiguration): string[] {
  const at = port || (protocol === "https:" ? "443" : "80");
  const hosts = [hostname];
  for (const text of addresses[hostname] ?? []) {
    const address = canonicalAddress(text);
    if (address === null || specialKind(address) === null) continue;
    hosts.push(address.includes(":") ? `[${address}]` : address);
  }
  return hosts.map((host) => `${host}:${at}`);
}
