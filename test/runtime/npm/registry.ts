import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import * as tar from "tar-stream";

/** A package of the test's own: its manifest, beside name and version, and its files. */
export interface TestPackage {
  manifest?: Record<string, unknown>;
  files?: Record<string, string | Uint8Array>;
}

/** A registry on the loopback, which counts what it is asked for. */
export class Registry implements AsyncDisposable {
  readonly url: string;
  /** The paths of all requests. */
  readonly requests: string[];
  readonly #close: () => void;

  private constructor(url: string, requests: string[], close: () => void) {
    this.url = url;
    this.requests = requests;
    this.#close = close;
  }

  static async start(packages: Record<string, TestPackage>): Promise<Registry> {
    const requests: string[] = [];
    const tarballs = new Map<string, Uint8Array>();
    for (const [name, content] of Object.entries(packages))
      tarballs.set(name, await tarballOf(name, content));
    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      requests.push(path);
      const [, name = "", isTarball] = /^\/(.+?)(\/-\/.+\.tgz)?$/.exec(path) ?? [];
      const tarball = tarballs.get(name);
      if (tarball === undefined) response.writeHead(404).end("{}");
      else if (isTarball !== undefined) response.end(tarball);
      else response.end(JSON.stringify(documentOf(url, name, packages[name] ?? {}, tarball)));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return new Registry(url, requests, () => {
      server.close();
      server.closeAllConnections();
    });
  }

  /** How often a package was fetched. */
  fetched(name: string): number {
    return this.requests.filter((path) => path.startsWith(`/${name}/-/`)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }
}

function manifestOf(name: string, { manifest }: TestPackage): Record<string, unknown> {
  return { name, version: "1.0.0", ...manifest };
}

async function tarballOf(name: string, content: TestPackage): Promise<Uint8Array> {
  const pack = tar.pack();
  pack.entry({ name: "package/package.json" }, JSON.stringify(manifestOf(name, content)));
  for (const [path, data] of Object.entries(content.files ?? {}))
    pack.entry({ name: `package/${path}` }, Buffer.from(data));
  pack.finalize();
  return gzipSync(await buffer(pack));
}

/** What a registry says of a package. */
function documentOf(url: string, name: string, content: TestPackage, tarball: Uint8Array): unknown {
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dist = { tarball: `${url}${name}/-/${name}-1.0.0.tgz`, integrity };
  const hasInstallScript = JSON.stringify(content.manifest ?? {}).includes('"install"');
  return {
    name,
    "dist-tags": { latest: "1.0.0" },
    versions: { "1.0.0": { ...manifestOf(name, content), dist, hasInstallScript } },
  };
}
