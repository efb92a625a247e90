import { duplexPair } from "node:stream";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { ClientHello, type ServerName } from "../../../src/broker/egress/check/client-hello.js";

function readServerName(...pieces: Buffer[]): ServerName {
  const hello = new ClientHello();
  let found: ServerName = null;
  for (const piece of pieces) found ??= hello.push(piece);
  return found;
}

/** What Node says first on a TLS connection. */
async function hello(servername: string): Promise<Buffer> {
  const [client, server] = duplexPair();
  const socket = connect({ socket: client, servername });
  socket.on("error", () => undefined);
  const [bytes] = (await new Promise((resolve) => server.once("data", (data) => resolve([data])))) as [
    Buffer,
  ];
  socket.destroy();
  return bytes;
}

/** A record with a greeting that has these extensions. */
function greeting(...extensions: Buffer[]): Buffer {
  const all = Buffer.concat(extensions);
  const body = Buffer.concat([
    Buffer.alloc(34),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0]),
    size(2, all.length),
    all,
  ]);
  const message = Buffer.concat([Buffer.from([1]), size(3, body.length), body]);
  return Buffer.concat([Buffer.from([22, 3, 1]), size(2, message.length), message]);
}

function size(bytes: number, length: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(length, 0, bytes);
  return buffer;
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([size(2, type), size(2, body.length), body]);
}

function serverName(...names: string[]): Buffer {
  const list = Buffer.concat(
    names.map((name) => Buffer.concat([Buffer.from([0]), size(2, name.length), Buffer.from(name)])),
  );
  return extension(0, Buffer.concat([size(2, list.length), list]));
}

test("the name that Node greets a server with, whatever pieces it comes in", async () => {
  const bytes = await hello("a.example");
  for (let length = 0; length < bytes.length; length++) {
    expect(readServerName(bytes.subarray(0, length))).toBeNull();
  }
  expect(readServerName(bytes)).toEqual({ name: "a.example" });
  expect(readServerName(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual({ name: "a.example" });
  expect(readServerName(Buffer.concat([bytes, Buffer.from("more")]))).toEqual({ name: "a.example" });
});

test("a greeting that is cut into records", () => {
  const message = greeting(serverName("a.example")).subarray(5);
  const records = [...message].map((byte) => Buffer.from([22, 3, 3, 0, 1, byte]));
  expect(readServerName(Buffer.concat(records))).toEqual({ name: "a.example" });
  expect(readServerName(...records)).toEqual({ name: "a.example" });
});

describe("is refused", () => {
  test("without a name", async () => {
    expect(readServerName(await hello(""))).toEqual({ refused: "its TLS greeting names no server" });
    expect(readServerName(greeting())).toHaveProperty("refused");
  });

  test("when it is encrypted, whatever it shows outside", () => {
    const encrypted = greeting(serverName("a.example"), extension(0xfe0d, Buffer.alloc(8)));
    expect(readServerName(encrypted)).toEqual({ refused: "its TLS greeting is encrypted" });
  });

  test.each<[string, Buffer]>([
    ["two names", greeting(serverName("a.example", "b.example"))],
    ["a name twice", greeting(serverName("a.example"), serverName("b.example"))],
    ["an extension beyond its end", greeting(Buffer.from([0, 0, 0, 9, 0]))],
    ["another record", Buffer.from([23, 3, 1, 0, 4, 1, 0, 0, 0])],
    ["another message", Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ["an empty record", Buffer.from([22, 3, 1, 0, 0])],
    ["a record without end", Buffer.from([22, 3, 1, 255, 255])],
    ["a message without end", Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])],
    ["an old version", Buffer.from([22, 2, 0, 0, 4, 1, 0, 0, 0])],
    ["nothing in it", Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])],
  ])("with %s", (_, bytes) => {
    expect(readServerName(bytes)).toEqual({ refused: "its TLS greeting is malformed" });
  });

  test("or answered for all other bytes, without an exception", () => {
    const good = greeting(serverName("a.example"));
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 1, 127, 255]) {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        expect(() => readServerName(bytes)).not.toThrow();
      }
    }
  });
});
