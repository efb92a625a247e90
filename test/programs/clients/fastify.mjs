import Fastify from "fastify";

const app = Fastify({ logger: false });
app.get(
  "/hello/:name",
  { schema: { querystring: { type: "object", properties: { times: { type: "integer", default: 1 } } } } },
  async (request) => ({ hello: request.params.name, times: request.query.times, ip: request.ip }),
);
app.post("/sum", { schema: { body: { type: "object", required: ["numbers"] } } }, async (request, reply) =>
  reply.code(201).send({ sum: request.body.numbers.reduce((a, b) => a + b, 0) }),
);
app.addHook("onSend", async (_request, reply) => {
  reply.header("x-hook", "sent");
});
app.get("/stream", (_request, reply) => reply.type("text/plain").send(new Blob(["a", "b", "c"]).stream()));
app.get("/large", async () => Buffer.alloc(2_000_000, "x"));
const base = await app.listen({ port: 0, host: "127.0.0.1" });

for (const [path, init] of [
  ["/hello/ada?times=3"],
  ["/hello/ada?times=x"],
  ["/sum", { method: "POST", headers: { "content-type": "application/json" }, body: '{"numbers":[1,2,3]}' }],
  ["/sum", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }],
  ["/sum", { method: "POST", headers: { "content-type": "text/csv" }, body: "1,2" }],
  ["/stream"],
  ["/large"],
  ["/nowhere"],
]) {
  const response = await fetch(base + path, init);
  const text = await response.text();
  console.log(path, response.status, response.headers.get("content-type"), response.headers.get("x-hook"));
  console.log(text.length, text.slice(0, 200));
}
await app.close();
console.log(app.server.listening);
