import { expect, test } from "vitest";
import { parseRequestHead } from "../../../src/broker/egress/check/request-head.js";
import { Requests } from "../../../src/broker/egress/check/requests.js";

const REQUESTS =
  "POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc" +
  "POST /b HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nde\r\n0\r\nt: u\r\n\r\n" +
  "GET /c HTTP/1.1\r\nHost: a.example\r\n\r\n";

test.each([1, 2, 3, 7, 1000])("requests in pieces of %i are judged one by one", (size) => {
  const seen: string[] = [];
  const requests = new Requests(({ method, path }) => {
    seen.push(`${method} ${path}`);
    return "pass";
  });
  const passed: Buffer[] = [];
  for (let at = 0; at < REQUESTS.length; at += size) {
    const step = requests.push(Buffer.from(REQUESTS.slice(at, at + size)));
    expect(step).toBeInstanceOf(Array);
    passed.push(...(step as Buffer[]));
  }
  expect(Buffer.concat(passed).toString()).toBe(REQUESTS);
  expect(seen).toEqual(["POST /a", "POST /b", "GET /c"]);
});

test("white space around a header's value is no part of it, however much there is", () => {
  const space = " \t".repeat(30_000);
  const head = parseRequestHead(`GET / HTTP/1.1\r\nhost:${space}a.example${space}\r\nx: a${space}b`);
  expect(head).toMatchObject({ host: "a.example" });
});

test("a header may come as often as it likes", () => {
  const head = parseRequestHead(`GET / HTTP/1.1\r\nhost: a.example\r\n${"x:\r\n".repeat(16_000)}x: y`);
  expect(head).toMatchObject({ host: "a.example", body: { kind: "length", bytes: 0 } });
});
