import { expect, test } from "vitest";
import { Feed } from "../../src/machine/feed.js";
import type { OutgoingStream } from "../../src/wire/index.js";

const PIECE = 256 * 1024;

/** A stream that takes a piece when it is told to. */
class FakeStream {
  pieces: Uint8Array[] = [];
  ended = 0;
  #waiting: ((sent: boolean) => void)[] = [];

  write(bytes: Uint8Array): boolean {
    this.pieces.push(bytes);
    return false;
  }

  flushed(): Promise<boolean> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async take(sent = true): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve(sent);
    await new Promise(setImmediate);
  }

  end(): void {
    this.ended++;
  }
}

function feedTo(stream: FakeStream, progress?: () => void): Feed {
  return new Feed(stream as unknown as OutgoingStream, "stdin", progress);
}

test("what fits a piece leaves at once, its end too, as a copy", () => {
  const stream = new FakeStream();
  const feed = feedTo(stream);
  const bytes = Buffer.from("abc");
  void feed.write(bytes);
  feed.end();
  bytes.fill(0);
  expect(stream.pieces.map((piece) => Buffer.from(piece).toString())).toEqual(["abc"]);
  expect(stream.ended).toBe(1);
});

test("more goes piece by piece, in order, and ends after all", async () => {
  const stream = new FakeStream();
  let progress = 0;
  const feed = feedTo(stream, () => progress++);
  const first = feed.write(new Uint8Array(2 * PIECE + 5).fill(1));
  const second = feed.write(new Uint8Array(3).fill(2));
  feed.end();
  expect(stream.pieces.map((piece) => piece.length)).toEqual([PIECE]);
  expect(stream.ended).toBe(0);
  for (let count = 0; count < 5; count++) await stream.take();
  expect(stream.pieces.map((piece) => [piece.length, piece[0]])).toEqual([
    [PIECE, 1],
    [PIECE, 1],
    [5, 1],
    [3, 2],
  ]);
  expect(stream.ended).toBe(1);
  expect(progress).toBe(2);
  expect(await Promise.all([first, second])).toEqual([true, true]);
});

test("bytes that are taken away reject, and nothing throws elsewhere", async () => {
  const stream = new FakeStream();
  const feed = feedTo(stream);
  const bytes = new Uint8Array(2 * PIECE);
  const sent = feed.write(bytes);
  feed.end();
  structuredClone(bytes, { transfer: [bytes.buffer] });
  const refused = expect(sent).rejects.toMatchObject({
    code: "ERR_SECURE_EXEC_INVALID_OPTION",
    key: "stdin",
  });
  await stream.take();
  await refused;
  expect(stream.pieces).toHaveLength(1);
  expect(stream.ended).toBe(1);
});

test("nobody takes the rest", async () => {
  const stream = new FakeStream();
  const sent = feedTo(stream).write(new Uint8Array(2 * PIECE));
  await stream.take(false);
  expect(await sent).toBe(false);
});
