import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { configuration } from "./configuration.js";

/** Where guests find npm. */
export const NPM = "/usr/local/lib/node_modules/npm";

/**
 * What stands for node-gyp. An install script that would compile an addon ends here, before it looks for a compiler
 * that there isn't, and so does one that has found no binary to download.
 */
const noAddons = `#!/usr/bin/env node
const name = process.env.npm_package_name ?? "this package";
console.error(\`\${name} is to be compiled to a native addon, which this machine can neither build nor load.
Take a package of JavaScript or WebAssembly in its place: with "overrides" in package.json, if another one depends on it.\`);
process.exitCode = 1;
`;

/** Files that are in npm's directory in the place of the host's, by their paths. */
export type NpmFiles = ReadonlyMap<string, { mode: number; bytes: Uint8Array }>;

/** npm's own settings, below all that a guest says: what it needs to reach the host's registry, and nothing secret. */
export async function npmFiles(): Promise<NpmFiles> {
  const { registry, scopes, cafile, strictSsl } = await configuration();
  const authorities = await readAuthorities(cafile);
  const settings = [
    `registry=${registry}`,
    ...Object.entries(scopes).map(([key, url]) => `${key}=${url}`),
    ...(authorities === null ? [] : [`cafile=${NPM}/authorities.pem`]),
    ...(strictSsl ? [] : ["strict-ssl=false"]),
    // Of packages with programs for many processors, the one in WebAssembly runs here.
    "cpu=wasm32",
    "update-notifier=false",
  ];
  const files: [string, number, string | Uint8Array][] = [
    ["npmrc", 0o644, `${settings.join("\n")}\n`],
    ["node_modules/node-gyp/bin/node-gyp.js", 0o755, noAddons],
  ];
  if (authorities !== null) files.push(["authorities.pem", 0o644, authorities]);
  return new Map(files.map(([name, mode, data]) => [name, { mode, bytes: Buffer.from(data) }]));
}

/** The certificate authorities that the host's npm trusts; null for those that Node does. */
async function readAuthorities(cafile: string | null): Promise<string | null> {
  const { NODE_EXTRA_CA_CERTS: extra } = process.env;
  const path = cafile ?? extra;
  if (path === undefined || path === "") return null;
  try {
    const own = await readFile(path, "utf8");
    return cafile === null ? [own, ...rootCertificates].join("\n") : own;
  } catch {
    return null;
  }
}
