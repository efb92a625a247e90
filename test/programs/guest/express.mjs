// needs: express, router
import { EventEmitter } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import express from "express";
import Router from "router";

/** A connection that keeps what is written to it. */
class Connection extends Duplex {
  written = "";
  remoteAddress = "127.0.0.1";
  _read() {}
  _write(chunk, _encoding, done) {
    this.written += chunk;
    done();
  }
}

function dispatch(handler, method, url, body) {
  return new Promise((resolve) => {
    const connection = new Connection();
    const request = new IncomingMessage(connection);
    Object.assign(request, { method, url, httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
    request.headers = { host: "guest.test", accept: "*/*" };
    if (body !== undefined) {
      const text = JSON.stringify(body);
      Object.assign(request.headers, {
        "content-type": "application/json",
        "content-length": String(text.length),
      });
      request.push(text);
    }
    request.push(null);
    const response = new ServerResponse(request);
    response.sendDate = false;
    response.assignSocket(connection);
    response.on("finish", () => resolve(connection.written));
    handler(request, response, (error) => {
      response.statusCode = error ? 500 : 404;
      response.end(error ? `error: ${error.message}` : "none");
    });
  });
}

const app = express();
app.use(express.json());
app.use((request, response, next) => {
  response.set("x-seen", `${request.method} ${request.path} ${request.hostname}`);
  next();
});
app.get("/users/:id", (request, response) => response.json({ id: request.params.id, query: request.query }));
app.post("/users", (request, response) => response.status(201).location("/users/7").send(request.body));
const nested = express.Router({ mergeParams: true });
nested.get("/:b", (request, response) =>
  response.type("txt").send(`${request.params.a}+${request.params.b}`),
);
app.use("/nested/:a", nested);
app.get("/throws", () => {
  throw new Error("deliberately");
});
app.get("/rejects", async () => {
  throw Object.assign(new Error("teapot"), { status: 418 });
});
app.use((error, _request, response, _next) =>
  response.status(error.status ?? 500).send(`handled ${error.message}`),
);

for (const [method, url, body] of [
  ["GET", "/users/7?a[b]=1&c=2"],
  ["POST", "/users", { name: "Ada", tags: ["x"] }],
  ["HEAD", "/users/7"],
  ["GET", "/nested/1/2"],
  ["GET", "/throws"],
  ["GET", "/rejects"],
  ["OPTIONS", "/users/1"],
  ["GET", "/nowhere"],
]) {
  console.log(`${method} ${url}\n${await dispatch(app, method, url, body)}\n`);
}

const router = Router();
router.param("id", (request, _response, next, id) => {
  request.wanted = Number(id);
  next(Number.isNaN(request.wanted) ? new Error(`no number: ${id}`) : undefined);
});
router
  .route("/things/:id")
  .get((request, response) => response.end(`thing ${request.wanted}`))
  .delete((_request, response) => {
    response.statusCode = 204;
    response.end();
  });
for (const [method, url] of [
  ["GET", "/things/12"],
  ["GET", "/things/x"],
  ["DELETE", "/things/1"],
  ["GET", "/"],
]) {
  console.log(`${method} ${url}\n${await dispatch(router, method, url)}\n`);
}
console.log(new EventEmitter().listenerCount("x"), app.mountpath, Object.keys(app.settings));
