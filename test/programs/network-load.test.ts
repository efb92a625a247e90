import { NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";

test("ten thousand requests over a thousand connections at a time lose nothing", async () => {
  await using rt = await NodeRuntime.create({ limits: { openFiles: 4096 } });
  const { stdout, stderr, exitCode } = await rt.exec(`
    import http from "node:http";
    const sockets = new Set();
    const server = http.createServer((request, response) => {
      let length = 0;
      request.on("data", (bytes) => (length += bytes.length)).on("end", () => response.end(request.url + " " + length));
    });
    server.on("connection", (socket) => sockets.add(socket));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", 2048, resolve));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1000, maxFreeSockets: 1000 });
    const { port } = server.address();
    const ask = (path, body) => new Promise((resolve, reject) => {
      http.request({ port, path, agent, host: "127.0.0.1", method: "POST" }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece) => (text += piece)).on("end", () => resolve(text));
      }).on("error", reject).end(body);
    });
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, i) => ask("/" + i, "x".repeat(i % 100))));
    console.log(answers.filter((text, i) => text === "/" + i + " " + (i % 100)).length, sockets.size);
    agent.destroy();
    server.close();
  `);
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: "10000 1000\n", stderr: "", exitCode: 0 });
});
