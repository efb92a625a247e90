// needs: hono
import { Hono } from "hono";
import { cors } from "hono/cors";
import { html } from "hono/html";
import { jwt, sign } from "hono/jwt";
import { streamText } from "hono/streaming";
import { validator } from "hono/validator";

const app = new Hono();
app.use("*", cors());
app.get("/hello/:name{[a-z]+}", (c) => c.json({ name: c.req.param("name"), q: c.req.query("q") }));
app.post(
  "/form",
  validator("form", (value, c) => (value.x ? value : c.text("no x", 400))),
  (c) => c.json(c.req.valid("form")),
);
app.use("/secret/*", jwt({ secret: "s3cret", alg: "HS256" }));
app.get("/secret/page", (c) => c.text(`hi ${c.get("jwtPayload").sub}`));
app.get("/stream", (c) =>
  streamText(c, async (stream) => {
    for (const part of ["a", "b"]) {
      await stream.write(part);
      await stream.sleep(2);
    }
  }),
);
app.get("/page", (c) => c.html(html`<p>${"<escaped>"}</p>`));
app.get("/throws", () => {
  throw new Error("deliberately");
});
app.onError((error, c) => c.text(`error ${error.message}`, 500));
const token = await sign({ sub: "ada" }, "s3cret", "HS256");
const form = new FormData();
form.set("x", "1");
form.set("file", new File(["content"], "a.txt"));
for (const [path, init] of [
  ["/hello/ada?q=1"],
  ["/hello/ADA"],
  ["/form", { method: "POST", body: form }],
  ["/form", { method: "POST", body: new URLSearchParams("y=2") }],
  ["/secret/page"],
  ["/secret/page", { headers: { authorization: `Bearer ${token}` } }],
  ["/stream"],
  ["/page"],
  ["/throws"],
]) {
  const response = await app.request(path, init);
  console.log(
    path,
    response.status,
    [...response.headers].filter(([name]) => name !== "date"),
    await response.text(),
  );
}
