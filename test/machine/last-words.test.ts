import { expect, test } from "vitest";
import { LastWords } from "../../src/machine/last-words.js";

test("keeps the end of what was said, however it was cut", () => {
  const text = Array.from({ length: 1000 }, (_, index) => `${index} `).join("");
  for (const size of [1, 7, 16, 100, 5000]) {
    const words = new LastWords(16);
    for (let at = 0; at < text.length; at += size) words.push(Buffer.from(text.slice(at, at + size)));
    expect(words.text()).toBe(text.slice(-16));
  }
});

test("keeps all of little", () => {
  const words = new LastWords(16);
  expect(words.text()).toBe("");
  words.push(Buffer.from("a"));
  words.push(Buffer.from("bc"));
  expect(words.text()).toBe("abc");
});
