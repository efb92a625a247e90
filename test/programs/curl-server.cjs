// What curl is tested against, in a guest: over HTTP, and over HTTPS with a certificate that nobody knows.
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const zlib = require("node:zlib");

// Made for this test alone.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMlP+4hChT6Yt4eA0
R/YIWfM7rTeQE4MnwnRzNqgccjehRANCAATSGeudgHCj6oN/xEDoVz646OUKDchP
K+YU7w3MLcVtTDWPjBD7T6AfKwwzG+feehdbpCFvXnc1YCp2uvsgSzJj
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUHWWwF5FSTTLCIp6MgJfJh3hYO3YwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAxMDMxNFoYDzIxMjYxMTA3
MDEwMzE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATSGeudgHCj6oN/xEDoVz646OUKDchPK+YU7w3MLcVtTDWPjBD7T6Af
KwwzG+feehdbpCFvXnc1YCp2uvsgSzJjo28wbTAdBgNVHQ4EFgQUrlulS0+2U343
gETF5HpfBxUPB4cwHwYDVR0jBBgwFoAUrlulS0+2U343gETF5HpfBxUPB4cwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhALDKy0mZPG4fHTk2Xg/+rSz/eBsdPem92eS6YcELvm3GAiEA
2za9wHiVzSqFYyyYnukTA4mDQr1bTz+7xnh549CzBsQ=
-----END CERTIFICATE-----`;

let attempts = 0;

const answers = {
  "/": (response) => response.end("hello\n"),
  "/echo"(response, { method, url, rawHeaders }, body) {
    const headers = [];
    for (let i = 0; i < rawHeaders.length; i += 2)
      if (
        !/^(host|user-agent|accept)$/i.test(rawHeaders[i]) ||
        !/^(localhost|127|curl\/|\*)/.test(rawHeaders[i + 1])
      )
        headers.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    response.end(
      `${[`${method} ${url}`, ...headers].join(" | ").replaceAll(/-{8,}\w+/g, "LIMIT")}\n${body.replaceAll(/-{8,}\w+/g, "LIMIT")}`,
    );
  },
  "/status"(response, _request, _body, query) {
    response.statusCode = Number(query.get("c"));
    response.end(`body of ${response.statusCode}\n`);
  },
  "/to"(response, _request, _body, query) {
    response.statusCode = Number(query.get("c") ?? 302);
    response.setHeader("Location", query.get("l"));
    response.end("moved\n");
  },
  "/loop"(response) {
    response.statusCode = 302;
    response.setHeader("Location", "/loop");
    response.end();
  },
  "/gzip"(response) {
    response.setHeader("Content-Encoding", "gzip");
    response.end(zlib.gzipSync("zipped\n"));
  },
  "/cookies"(response) {
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.end("cookies\n");
  },
  "/flaky"(response) {
    response.statusCode = attempts++ < 2 ? 503 : 200;
    response.setHeader("Retry-After", "0");
    response.end(`attempt ${attempts}\n`);
  },
  "/never": () => {},
  "/short"(response, { socket }) {
    response.setHeader("Content-Length", 100);
    response.write("short\n", () => socket.end());
  },
  "/nothing": (_response, { socket }) => socket.destroy(),
  "/garbage": (_response, { socket }) => socket.end("garbage\r\n\r\n"),
};

function handle(request, response) {
  response.sendDate = false;
  response.setHeader("Connection", "close");
  request.setEncoding("utf8");
  let body = "";
  request.on("data", (text) => {
    body += text;
  });
  request.on("end", () => {
    const { pathname, searchParams } = new URL(request.url, "http://x");
    answers[pathname](response, request, body, searchParams);
  });
}

fs.writeFileSync("cert.pem", cert);
fs.rmSync("socket", { force: true });
http.createServer(handle).listen("socket");
https
  .createServer({ key, cert }, handle)
  .listen(8443, "127.0.0.1", () =>
    http.createServer(handle).listen(8080, "127.0.0.1", () => console.log("ready")),
  );
