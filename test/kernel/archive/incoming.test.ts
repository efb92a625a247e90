import { expect, test } from "vitest";
import { IncomingArchive } from "../../../src/kernel/archive/incoming.js";

const piece = (text: string) => Buffer.from(text);

async function read(source: IncomingArchive): Promise<string> {
  let text = "";
  for (;;) {
    const bytes = await source.next();
    if (bytes === null) return text;
    text += Buffer.from(bytes).toString();
  }
}

test("ends with the word that all has come, which is no part of it", async () => {
  const source = new IncomingArchive();
  const text = read(source);
  source.push(piece("one"), () => undefined);
  source.push(piece("two"), () => undefined);
  source.push(piece("\x01"), () => undefined);
  source.end();
  expect(await text).toBe("onetwo");
});

test.each([[[]], [["one"]], [["one", "two"]], [["\x02"]], [["\x01\x01"]]])(
  "without that word: %j",
  async (pieces) => {
    const source = new IncomingArchive();
    for (const text of pieces) source.push(piece(text), () => undefined);
    source.end();
    await expect(read(source)).rejects.toMatchObject({ failure: { code: "EPROTO", syscall: "truncated" } });
  },
);

test("makes room for one piece more than is taken", async () => {
  const source = new IncomingArchive();
  let room = 0;
  const consumed = (bytes: number) => {
    room += bytes;
  };
  source.push(piece("12345"), consumed);
  expect(room).toBe(5);
  source.push(piece("678"), consumed);
  source.push(piece("90"), consumed);
  expect(room).toBe(5);
  await source.next();
  expect(room).toBe(8);
  await source.next();
  expect(room).toBe(10);
});
