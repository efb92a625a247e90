import { once } from "node:events";
import express from "express";

const app = express();
app.use(express.json(), express.urlencoded({ extended: true }));
app.get("/users/:id", (request, response) =>
  response.json({ id: request.params.id, query: request.query, ip: request.ip, host: request.hostname }),
);
app.post("/users", (request, response) => response.status(201).location("/users/7").send(request.body));
app.get("/moved", (_request, response) => response.redirect("/users/1"));
app.get("/cookie", (_request, response) =>
  response.cookie("a", "b c", { httpOnly: true }).type("txt").send("set"),
);
app.get("/events", async (_request, response) => {
  response.type("text/event-stream");
  for (let i = 0; i < 3; i++) {
    response.write(`data: ${i}\n\n`);
    await new Promise(setImmediate);
  }
  response.end();
});
app.get("/throws", () => {
  throw Object.assign(new Error("teapot"), { status: 418 });
});
app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(error.message));

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;

async function ask(path, init) {
  const response = await fetch(base + path, init);
  const headers = ["content-type", "content-length", "location", "etag", "set-cookie", "x-powered-by"];
  console.log(init?.method ?? "GET", path, response.status, response.redirected);
  console.log(...headers.map((name) => response.headers.get(name)), JSON.stringify(await response.text()));
}

await ask("/users/7?a[]=1&c=%20");
await ask("/users", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ name: "Ada" }),
});
await ask("/users", { method: "POST", body: new URLSearchParams("x[y]=z") });
await ask("/users", { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
await ask("/users/7", { method: "HEAD" });
await ask("/moved");
await ask("/cookie");
await ask("/events");
await ask("/throws");
await ask("/nowhere");
server.close();
