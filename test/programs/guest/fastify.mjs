// needs: fastify
import Fastify from "fastify";

const app = Fastify({ logger: false });
app.get(
  "/hello/:name",
  { schema: { querystring: { type: "object", properties: { times: { type: "integer", default: 1 } } } } },
  async (request) => ({
    hello: request.params.name,
    times: request.query.times,
  }),
);
app.post(
  "/sum",
  {
    schema: {
      body: {
        type: "object",
        required: ["numbers"],
        properties: { numbers: { type: "array", items: { type: "number" } } },
      },
    },
  },
  (request, reply) => {
    reply
      .code(201)
      .header("x-count", request.body.numbers.length)
      .send({ sum: request.body.numbers.reduce((a, b) => a + b, 0) });
  },
);
app.register(
  async (scope) => {
    scope.addHook("onRequest", async (request) => {
      request.started = true;
    });
    scope.get("/", async (request) => ({ scoped: request.started }));
  },
  { prefix: "/scope" },
);
app.get("/fails", async () => {
  throw new Error("deliberately");
});
app.setErrorHandler((error, _request, reply) => {
  reply.code(error.statusCode ?? 500).send({ failed: error.message, code: error.code });
});

for (const request of [
  { method: "GET", url: "/hello/ada?times=3" },
  { method: "GET", url: "/hello/ada?times=x" },
  { method: "POST", url: "/sum", payload: { numbers: [1, 2, 3.5] } },
  { method: "POST", url: "/sum", payload: { numbers: "no" } },
  { method: "POST", url: "/sum", payload: "{", headers: { "content-type": "application/json" } },
  { method: "GET", url: "/scope/" },
  { method: "GET", url: "/fails" },
  { method: "GET", url: "/nowhere" },
]) {
  const { statusCode, headers, body } = await app.inject(request);
  const { date: _, ...others } = headers;
  console.log(request.method, request.url, statusCode, others, body);
}
console.log(app.printRoutes());
await app.close();
