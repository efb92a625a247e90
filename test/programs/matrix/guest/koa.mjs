// needs: koa, @koa/router
import { IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import Router from "@koa/router";
import Koa from "koa";

class Connection extends Duplex {
  written = "";
  _read() {}
  _write(chunk, _, done) {
    this.written += chunk;
    done();
  }
}
const app = new Koa();
const router = new Router({ prefix: "/api" });
router.get("item", "/items/:id", (ctx) => {
  ctx.body = { id: ctx.params.id, query: ctx.query, url: router.url("item", { id: 9 }) };
});
router.post("/items", (ctx) => {
  ctx.status = 201;
  ctx.body = "made";
});
router.get("/stream", (ctx) => {
  ctx.type = "text/plain";
  ctx.body = Duplex.from(["a", "b", "c"]);
});
router.get("/throws", (ctx) => ctx.throw(418, "teapot"));
app.use(async (ctx, next) => {
  await next();
  ctx.set("x-after", String(ctx.status));
});
app.use(router.routes()).use(router.allowedMethods());
app.silent = true;
const handle = app.callback();
for (const [method, url] of [
  ["GET", "/api/items/1?a=b"],
  ["POST", "/api/items"],
  ["GET", "/api/stream"],
  ["GET", "/api/throws"],
  ["PUT", "/api/items"],
  ["GET", "/"],
]) {
  const connection = new Connection();
  const request = new IncomingMessage(connection);
  Object.assign(request, { method, url, httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
  request.headers = { host: "guest.test" };
  request.push(null);
  const response = new ServerResponse(request);
  response.sendDate = false;
  response.assignSocket(connection);
  const finished = new Promise((resolve) => response.on("finish", resolve));
  handle(request, response);
  await finished;
  console.log(`${method} ${url}\n${connection.written}\n`);
}
