import type { MountBackend, MountEntry } from "../../broker/mounts/backend.js";
import { failure } from "../tree.js";
import { parseListing } from "./listing.js";
import { encode, type StoreCredentials, signedHeaders } from "./signature.js";

/** An object store that speaks S3's protocol. */
export interface ObjectStoreOptions {
  /** Where it is, such as `https://s3.eu-central-1.amazonaws.com`. Buckets are the first part of the path there. */
  endpoint: string | URL;
  bucket: string;
  /** What the keys of the mount begin with, such as `datasets/2026/`. Default: all keys. */
  prefix?: string | undefined;
  /** Requests are signed with them; without, they are not signed. */
  credentials?: StoreCredentials | undefined;
  /** Default `us-east-1`. */
  region?: string | undefined;
  /** The largest object that guests may read, in bytes. Default 256 MiB. */
  maxBytes?: number | undefined;
  /** Milliseconds after which a request fails. Default 30000. */
  timeout?: number | undefined;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** The largest page of a listing, in bytes, and the most pages of one directory. */
const MAX_PAGE = 8 * 1024 * 1024;
const MAX_PAGES = 100;

/** A mount of the objects of a bucket, read-only: slashes in keys make directories. */
export function objectStoreMount(options: ObjectStoreOptions): MountBackend {
  const { endpoint, bucket, prefix = "", maxBytes = 256 * 1024 * 1024 } = options;
  const root = `${String(endpoint).replace(/\/+$/, "")}/${encode(bucket)}`;

  async function ask(url: URL, limit: number): Promise<Uint8Array> {
    const { credentials, region = "us-east-1", timeout = 30_000, fetch = globalThis.fetch } = options;
    const headers = credentials === undefined ? {} : signedHeaders(url, {}, credentials, region, new Date());
    const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(timeout) });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404) throw failure("ENOENT");
      throw Object.assign(new Error(`The store answered ${response.status}`), {
        code: response.status === 401 || response.status === 403 ? "EACCES" : "EIO",
      });
    }
    return await bodyOf(response, limit);
  }

  return {
    async readdir(path) {
      const begin = prefix + (path === "" ? "" : `${path}/`);
      const entries: MountEntry[] = [];
      let next: string | null = null;
      for (let page = 0; page < MAX_PAGES; page++) {
        const url = new URL(root);
        url.search = queryOf({
          "list-type": "2",
          delimiter: "/",
          "encoding-type": "url",
          prefix: begin,
          ...(next === null ? {} : { "continuation-token": next }),
        });
        const listing = parseListing(Buffer.from(await ask(url, MAX_PAGE)).toString());
        for (const name of listing.prefixes)
          entries.push({ name: name.slice(begin.length, -1), type: "directory" });
        for (const { key, size, mtime } of listing.objects)
          if (key !== begin) entries.push({ name: key.slice(begin.length), type: "file", size, mtime });
        next = listing.next;
        if (next === null) break;
      }
      if (entries.length === 0 && path !== "") throw failure("ENOENT");
      return entries;
    },
    readFile: (path) => ask(new URL(`${root}/${(prefix + path).split("/").map(encode).join("/")}`), maxBytes),
  };
}

function queryOf(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
}

/** Reads a body, and no more than so many bytes of it. */
async function bodyOf(response: Response, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > limit) throw new Error("The store's answer is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}
