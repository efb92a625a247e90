import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { objectStoreMount } from "../../src/mounts/index.js";
import { parseListing } from "../../src/mounts/object-store/listing.js";
import { signedHeaders } from "../../src/mounts/object-store/signature.js";

const objects: Record<string, string> = {
  "data/a b+c&d.txt": "odd",
  "data/one.txt": "1",
  "data/sub/two.txt": "22",
  "data/sub/x/three.txt": "333",
  other: "elsewhere",
};

/** A store of these objects, which lists two of them at a time. */
function answer(request: IncomingMessage): { status: number; body: string } {
  const url = new URL(request.url ?? "", "http://store");
  if (
    request.headers["x-deny"] !== undefined ||
    !request.headers.authorization?.startsWith("AWS4-HMAC-SHA256")
  )
    return { status: 403, body: "SECRET" };
  if (url.pathname !== "/bucket") {
    const body = objects[decodeURIComponent(url.pathname.slice("/bucket/".length))];
    return body === undefined ? { status: 404, body: "" } : { status: 200, body };
  }
  const prefix = url.searchParams.get("prefix") ?? "";
  const from = Number(url.searchParams.get("continuation-token") ?? 0);
  const found = new Set<string>();
  for (const key of Object.keys(objects)) {
    if (!key.startsWith(prefix)) continue;
    const slash = key.indexOf("/", prefix.length);
    found.add(slash === -1 ? key : key.slice(0, slash + 1));
  }
  const all = [...found].sort();
  const page = all.slice(from, from + 2).map((key) => {
    const name = encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
    return key.endsWith("/")
      ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${name}</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified><Size>${objects[key]?.length}</Size></Contents>`;
  });
  const more = from + 2 < all.length;
  const next = more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : "";
  const body = `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${page.join("")}</ListBucketResult>`;
  return { status: 200, body };
}

let server: Server;
let endpoint = "";
const credentials = { accessKeyId: "id", secretAccessKey: "secret" };

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

describe("objects of a store", () => {
  test("are files, and slashes make directories", async () => {
    const backend = objectStoreMount({ endpoint, bucket: "bucket", prefix: "data/", credentials });
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", backend }] });
    const { stdout, stderr } = await rt.exec(`
      import fs from "node:fs";
      console.log(fs.readdirSync("/m", { recursive: true }).sort().join());
      for (const name of ["one.txt", "sub/x/three.txt", "a b+c&d.txt"]) console.log(fs.readFileSync("/m/" + name, "utf8"));
      console.log(fs.statSync("/m/sub/two.txt").size, fs.statSync("/m/one.txt").mtime.toISOString());
      try { fs.readFileSync("/m/other") } catch (e) { console.log(e.code) }`);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "a b+c&d.txt,one.txt,sub,sub/two.txt,sub/x,sub/x/three.txt",
      "1",
      "333",
      "odd",
      "2 2024-01-02T03:04:05.000Z",
      "ENOENT",
    ]);
  });

  test("that are not for us, too large or missing", async () => {
    const open = objectStoreMount({ endpoint, bucket: "bucket" });
    await expect(open.readdir("")).rejects.toMatchObject({ code: "EACCES" });
    const small = objectStoreMount({ endpoint, bucket: "bucket", credentials, maxBytes: 2 });
    await expect(small.readFile("data/sub/x/three.txt")).rejects.toThrow("too large");
    await expect(small.readFile("none")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(small.readdir("none")).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("an answer that is no listing is none", () => {
  expect(() => parseListing("<html>")).toThrow("no listing");
  const page = parseListing(
    "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a%2Fb</Key><Size>3</Size></Contents><Contents><Key>x",
  );
  expect(page.next).toBeNull();
  expect(page.objects[0]).toMatchObject({ key: "a/b", size: 3 });
});

test("requests are signed as the example in Amazon's documents", () => {
  const keys = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const time = new Date("2013-05-24T00:00:00Z");
  const url = new URL("https://examplebucket.s3.amazonaws.com/test.txt");
  const object = signedHeaders(url, { range: "bytes=0-9" }, keys, "us-east-1", time);
  expect(object["authorization"]).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
  const listing = new URL("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
  expect(signedHeaders(listing, {}, keys, "us-east-1", time)["authorization"]).toContain(
    "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  );
});
