// A web server in the guest, asked by the host and shown to a browser.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create();

await rt.spawn(`
  import { createServer } from "node:http";

  createServer(async (request, response) => {
    let length = 0;
    for await (const piece of request) length += piece.length;
    response.setHeader("content-type", "text/plain");
    response.end(request.method + " " + request.url + ", " + length + " bytes");
  }).listen(3000);
`);
const { port, address } = await rt.waitForListener(3000);
console.log("listens:", address, port);

const answer = await rt.fetch(3000, {
  method: "POST",
  path: "/a",
  body: "hello",
});
console.log(answer.status, answer.headers["content-type"], answer.body);

const fetchGuest = rt.fetchHandler(3000);
console.log(await (await fetchGuest("/b?c=d")).text());

await using preview = await rt.expose(3000);
console.log(await (await fetch(preview.url)).text());

await rt.fetch(8080).catch((error) => console.log(error.message));
