import { beforeEach, describe, expect, test } from "vitest";
import { LineDiscipline } from "../../../src/kernel/tty/line-discipline.js";

let tty: LineDiscipline;
let shown: Buffer[];
let signals: number[];
beforeEach(() => {
  shown = [];
  signals = [];
  tty = new LineDiscipline({
    show: (bytes) => shown.push(Buffer.from(bytes)),
    signal: (signal) => signals.push(signal),
  });
});

const type = (text: string | Uint8Array) => tty.type(Buffer.from(text as string));
const screen = () => Buffer.concat(shown).toString();
/** All that can be read, piece by piece. */
function pieces(most = 1000): string[] {
  const found: string[] = [];
  for (let bytes = tty.read(most); bytes !== null; bytes = tty.read(most))
    found.push(Buffer.from(bytes).toString());
  return found;
}

describe("lines", () => {
  test("are read when they are whole, one at a time", () => {
    type("one\rtwo\nthr");
    expect(pieces()).toEqual(["one\n", "two\n"]);
    expect(tty.readable).toBe(false);
    type("ee\r");
    expect(pieces(2)).toEqual(["th", "re", "e\n"]);
    expect(screen()).toBe("one\r\ntwo\r\nthree\r\n");
  });

  test.each([
    ["a character", "abc\x7fd\r", "abd\n", "abc\b \bd\r\n"],
    ["no more than there is", "a\x7f\x7f\x7fb\r", "b\n", "a\b \bb\r\n"],
    ["a character of several bytes", "aé😀\x7f\x7fb\r", "ab\n", "aé😀\b \b\b \bb\r\n"],
    ["a control character", "a\x01\x7f\r", "a\n", "a^A\b \b\b \b\r\n"],
    ["a tab", "abc\t\x7fd\r", "abcd\n", `abc\t${"\b \b".repeat(5)}d\r\n`],
    ["a word", "one two, \x17x\r", "one x\n", `one two, ${"\b \b".repeat(5)}x\r\n`],
    ["the line", "one two\x15x\r", "x\n", `one two${"\b \b".repeat(7)}x\r\n`],
  ])("are edited: %s", (_what, typed, read, wanted) => {
    type(typed);
    expect(pieces()).toEqual([read]);
    expect(screen()).toBe(wanted);
  });

  test("take a tab's columns from where they began", () => {
    tty.output.process(Buffer.from("> "));
    type("a\t\x7f");
    expect(screen()).toBe(`a\t${"\b \b".repeat(5)}`);
  });

  test("take the next key as it is behind ^V", () => {
    type("\x16\x03\x16\x7f\x16\r\r");
    expect(pieces()).toEqual(["\x03\x7f\r\n"]);
    expect(signals).toEqual([]);
    expect(screen()).toBe("^\b^C^\b^?^\b^M\r\n");
  });

  test("are shown again at ^R", () => {
    type("a\x01\x12b\r");
    expect(screen()).toBe("a^A^R\r\na^Ab\r\n");
    expect(pieces()).toEqual(["a\x01b\n"]);
  });

  test("end with ^D, which alone is the end of the file", () => {
    type("abc\x04");
    expect(pieces()).toEqual(["abc"]);
    type("\x04");
    expect(pieces()).toEqual([""]);
    expect(pieces()).toEqual([]);
    type("more\r");
    expect(pieces()).toEqual(["more\n"]);
  });

  test("are so long and no longer", () => {
    type("x".repeat(5000));
    expect(screen().endsWith("\x07")).toBe(true);
    type("\x7fy\r");
    expect(pieces(10_000)).toEqual([`${"x".repeat(4094)}y\n`]);
  });
});

describe("keys that send signals", () => {
  test.each([
    ["\x03", "^C", 2],
    ["\x1c", "^\\", 3],
    ["\x1a", "^Z", 20],
  ])("%j", (key, echo, signal) => {
    type(`whole\rbegun${key}after\r`);
    expect(signals).toEqual([signal]);
    expect(pieces()).toEqual(["after\n"]);
    expect(screen()).toBe(`whole\r\nbegun${echo}after\r\n`);
  });
});

describe("raw mode", () => {
  test("gives every byte as it comes, and shows none", () => {
    tty.raw = true;
    type("a\x03\x04\r");
    type("\x7f\x16");
    expect(pieces()).toEqual(["a\x03\x04\r\x7f\x16"]);
    expect([screen(), signals]).toEqual(["", []]);
    expect(Buffer.from(tty.output.process(Buffer.from("a\nb"))).toString()).toBe("a\r\nb");
  });

  test("takes over the line that was begun, and ends without a trace", () => {
    type("begun");
    tty.raw = true;
    expect(pieces()).toEqual(["begun"]);
    tty.raw = false;
    type("a\x7fb\r");
    expect(pieces()).toEqual(["b\n"]);
  });
});

test("counts what is held", () => {
  type("12345\r");
  expect(tty.held).toBe(6);
  tty.read(4);
  expect(tty.held).toBe(2);
  type("6\x03");
  expect(tty.held).toBe(0);
});
