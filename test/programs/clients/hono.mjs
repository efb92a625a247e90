import { once } from "node:events";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { compress } from "hono/compress";
import { streamSSE } from "hono/streaming";

const app = new Hono();
app.use("/zip/*", compress());
app.get("/zip/text", (c) => c.text("zip ".repeat(1000)));
app.use("/private/*", basicAuth({ username: "ada", password: "pw" }));
app.get("/private/page", (c) => c.text("in"));
app.post("/form", async (c) => {
  const { file, x } = await c.req.parseBody();
  return c.json({ x, name: file.name, text: await file.text() }, 201);
});
app.get("/sse", (c) =>
  streamSSE(c, async (stream) => {
    for (const id of ["1", "2"]) await stream.writeSSE({ data: `d${id}`, event: "tick", id });
  }),
);
app.get("/throws", () => {
  throw new Error("deliberately");
});
app.onError((error, c) => error.getResponse?.() ?? c.text(`error ${error.message}`, 500));
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;

const form = new FormData();
form.set("x", "1");
form.set("file", new File(["content"], "a.txt"));
for (const [path, init] of [
  ["/zip/text"],
  ["/private/page"],
  ["/private/page", { headers: { authorization: `Basic ${btoa("ada:pw")}` } }],
  ["/form", { method: "POST", body: form }],
  ["/sse"],
  ["/throws"],
  ["/nowhere"],
]) {
  const response = await fetch(base + path, init);
  const text = await response.text();
  console.log(path, response.status, response.headers.get("content-type"), text.length, text.slice(0, 80));
  console.log(response.headers.get("content-encoding"), response.headers.get("www-authenticate"));
}
server.close();
