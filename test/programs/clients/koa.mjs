import { once } from "node:events";
import { Readable } from "node:stream";
import Koa from "koa";

const app = new Koa({ keys: ["secret"] });
app.silent = true;
app.use(async (ctx, next) => {
  await next();
  ctx.set("x-after", String(ctx.status));
});
app.use(async (ctx) => {
  if (ctx.path === "/json") ctx.body = { query: ctx.query, ip: ctx.ip, host: ctx.hostname, fresh: ctx.fresh };
  else if (ctx.path === "/stream") ctx.body = Readable.from(["a", "b", "c"]);
  else if (ctx.path === "/echo") ctx.body = ctx.req;
  else if (ctx.path === "/throws") ctx.throw(418, "teapot");
  else if (ctx.path === "/moved") ctx.redirect("/json");
  else if (ctx.path === "/cookie") {
    ctx.cookies.set("seen", "yes", { signed: true });
    ctx.body = ctx.cookies.get("seen", { signed: true }) ?? "first";
  }
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;

let cookie = "";
for (const [path, init] of [
  ["/json?a=b"],
  ["/stream"],
  ["/echo", { method: "POST", body: "hello" }],
  ["/throws"],
  ["/moved"],
  ["/cookie"],
  ["/cookie"],
  ["/nowhere"],
]) {
  const response = await fetch(base + path, { ...init, headers: { cookie } });
  console.log(path, response.status, response.headers.get("x-after"), await response.text());
  const set = response.headers.getSetCookie();
  console.log(set);
  if (set.length > 0) cookie = set.map((one) => one.split(";", 1)[0]).join("; ");
}
server.close();
