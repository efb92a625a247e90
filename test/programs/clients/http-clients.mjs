import { once } from "node:events";
import { createServer } from "node:http";
import { Readable, Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import axios from "axios";
import got from "got";
import nodeFetch, { FormData as NodeFetchForm } from "node-fetch";
import { Agent, interceptors, Pool, request, stream, fetch as undiciFetch } from "undici";

const server = createServer(async (incoming, response) => {
  const body = Buffer.concat(await incoming.toArray());
  const { pathname } = new URL(incoming.url, "http://guest.test");
  if (pathname === "/moved") response.writeHead(302, { location: "/echo?moved" }).end();
  else if (pathname === "/gzip")
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unzipped"));
  else if (pathname === "/missing") response.writeHead(404).end("nothing here");
  else if (pathname === "/cut") {
    response.writeHead(200, { "content-length": "100" });
    response.write("part", () => incoming.socket.destroy());
  } else if (pathname !== "/never") {
    const type = incoming.headers["content-type"]?.split(";", 1)[0];
    response.writeHead(200, { "content-type": "application/json", "x-a": ["1", "2"] });
    response.end(
      JSON.stringify({
        method: incoming.method,
        url: incoming.url,
        type,
        bytes: body.length > 99 ? "many" : String(body),
      }),
    );
  }
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://localhost:${server.address().port}`;
const show = (name, ...parts) => console.log(name, ...parts);
const failure = (error) => error.cause?.code ?? error.code ?? error.name;

{
  const client = axios.create({ baseURL: base, headers: { "x-b": "c" } });
  client.interceptors.response.use((answer) => ({ ...answer, seen: true }));
  const { data, status, seen, headers } = await client.post("/echo", { a: 1 }, { params: { q: "ü" } });
  show("axios", status, data, seen, headers["x-a"]);
  show("axios", (await client.get("/moved")).data, (await client.get("/gzip")).data);
  show("axios", await client.get("/missing").catch(({ response, code }) => [code, response.data]));
  show(
    "axios",
    await client.get("/cut").catch(failure),
    await client.get("/never", { timeout: 50 }).catch(failure),
  );
  const streamed = await client.get("/gzip", { responseType: "stream" });
  show("axios", (await streamed.data.toArray()).join(""));
  show("axios", (await client.postForm("/echo", { x: "y".repeat(100) })).data);
}
{
  const client = got.extend({ prefixUrl: base, retry: { limit: 0 } });
  show("got", await client.post("echo", { json: { a: 1 }, searchParams: { q: "ü" } }).json());
  show("got", await client("moved").json(), await client("gzip").text());
  show("got", await client("missing").catch(({ code, response }) => [code, response.body]));
  show(
    "got",
    await client("cut").catch(failure),
    await client("never", { timeout: { request: 50 } }).catch(failure),
  );
  show("got", (await client.stream("gzip").toArray()).join(""));
  const [first, second] = await Promise.all([client("echo?1").json(), client("echo?2").json()]);
  show("got", first.url, second.url);
}
{
  const answer = await nodeFetch(`${base}/echo?q=%C3%BC`, {
    method: "POST",
    body: Readable.from(["a", "b"]),
  });
  show("node-fetch", answer.status, await answer.json(), answer.headers.raw()["x-a"]);
  show(
    "node-fetch",
    await (await nodeFetch(`${base}/moved`)).json(),
    await (await nodeFetch(`${base}/gzip`)).text(),
  );
  show(
    "node-fetch",
    await nodeFetch(`${base}/cut`)
      .then((cut) => cut.text())
      .catch(failure),
  );
  show(
    "node-fetch",
    await nodeFetch(`${base}/never`, { signal: AbortSignal.timeout(50) })
      .then((never) => never.text())
      .catch(failure),
  );
  const form = new NodeFetchForm();
  form.set("x", "y".repeat(100));
  show("node-fetch", await (await nodeFetch(`${base}/echo`, { method: "PUT", body: form })).json());
}
{
  const { statusCode, headers, body } = await request(`${base}/echo`, { method: "PATCH", body: "hi" });
  show("undici", statusCode, headers["x-a"], await body.json());
  show(
    "undici",
    await (await undiciFetch(`${base}/moved`)).json(),
    await (await undiciFetch(`${base}/gzip`)).text(),
  );
  const redirecting = new Agent().compose(interceptors.redirect({ maxRedirections: 1 }));
  show("undici", await (await request(`${base}/moved`, { dispatcher: redirecting })).body.json());
  show(
    "undici",
    await request(`${base}/cut`)
      .then((cut) => cut.body.text())
      .catch(failure),
  );
  const pool = new Pool(base, { connections: 2, pipelining: 4 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => pool.request({ path: `/echo?${i}`, method: "GET" })),
  );
  show("undici", (await Promise.all(answers.map(({ body }) => body.json()))).map(({ url }) => url).join(" "));
  const parts = [];
  await stream(`${base}/echo`, { method: "GET", opaque: parts }, ({ opaque }) => {
    return new Writable({ write: (chunk, _encoding, done) => done(void opaque.push(String(chunk))) });
  });
  show("undici", parts.join(""));
  await pool.close();
}
server.closeAllConnections();
server.close();
await once(server, "close");
const closed = createServer().listen(0, "127.0.0.1");
await once(closed, "listening");
const nobody = `http://127.0.0.1:${closed.address().port}`;
closed.close();
await once(closed, "close");
show(
  "refused",
  await axios.get(nobody).catch(failure),
  await got(nobody, { retry: { limit: 0 } }).catch(failure),
);
show("refused", await nodeFetch(nobody).catch(failure), await request(nobody).catch(failure));
