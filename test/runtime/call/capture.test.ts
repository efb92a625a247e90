import { expect, test } from "vitest";
import { OutputCapture, wholeCharacters } from "../../../src/runtime/call/capture.js";

test("output within the limit is handed back as it is", () => {
  const capture = new OutputCapture("stdout", 10);
  capture.add(Buffer.from("hällo"));
  capture.add(Buffer.from("1234"));
  expect(capture.text()).toBe("hällo1234");
  expect(capture.truncated).toBe(false);
});

test("output beyond the limit is cut, and the last line says so", () => {
  const capture = new OutputCapture("stderr", 4);
  capture.add(Buffer.from("abcdef"));
  capture.add(Buffer.from("more"));
  expect(capture.truncated).toBe(true);
  expect(capture.text()).toBe("abcd\n[secure-exec: stderr was cut after 4 bytes; the program went on]\n");
});

test("a cut leaves no half of a character", () => {
  for (const [limit, kept] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
    [5, 5],
  ] as const) {
    const capture = new OutputCapture("stdout", limit);
    capture.add(Buffer.from("a😀b"));
    expect(capture.text().split("\n")[0]).toBe(Buffer.from("a😀b").toString("utf8", 0, kept));
  }
});

test("whole characters are counted, wrong bytes count as they are", () => {
  const count = (...bytes: number[]) => wholeCharacters(Uint8Array.from(bytes));
  expect(count()).toBe(0);
  expect(count(0x61)).toBe(1);
  expect(count(0x61, 0xc3)).toBe(1);
  expect(count(0x61, 0xc3, 0xa4)).toBe(3);
  expect(count(0xe2, 0x82)).toBe(0);
  expect(count(0xe2, 0x82, 0xac)).toBe(3);
  expect(count(0xf0, 0x9f, 0x98)).toBe(0);
  expect(count(0xf0, 0x9f, 0x98, 0x80)).toBe(4);
  expect(count(0x80, 0x80, 0x80, 0x80, 0x80)).toBe(5);
});

test("wrong bytes become U+FFFD, a byte order mark stays", () => {
  const capture = new OutputCapture("stdout", 100);
  capture.add(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62));
  expect(capture.text()).toBe("\uFEFFa\uFFFDb");
});

test("characters that come in pieces are put together", () => {
  const capture = new OutputCapture("stdout", 100);
  for (const byte of Buffer.from("€😀")) capture.add(Uint8Array.of(byte));
  expect(capture.text()).toBe("€😀");
});
