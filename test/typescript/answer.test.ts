import { expect, test } from "vitest";
import { parseAnswer } from "../../src/typescript/answer.js";

const whole = { id: 3, diagnostics: [], omitted: 0, files: [] };
const diagnostic = { file: "/a.ts", line: 1, column: 2, code: 2322, category: "error", message: "No." };
const parse = (value: unknown, id = 3) => parseAnswer(JSON.stringify(value), id);

test("an answer to the job is believed", () => {
  const answer = { ...whole, diagnostics: [diagnostic], files: [{ path: "/a.js", content: "1" }] };
  expect(parse(answer)).toEqual(answer);
});

test("a failure is an error with its reason", () => {
  expect(() => parse({ id: 3, failure: "size", message: "Too much" })).toThrow(
    expect.objectContaining({ reason: "size", message: "Too much." }),
  );
  expect(() => parse({ id: 3, failure: "crash", message: "Debug Failure" })).toThrow(
    expect.objectContaining({ reason: "crash", message: "The TypeScript compiler failed: Debug Failure." }),
  );
});

test.each([
  ["nothing", null],
  ["another job's", { ...whole, id: 4 }],
  ["a key too many", { ...whole, more: 1 }],
  ["a missing key", { ...whole, files: undefined }],
  ["too many diagnostics", { ...whole, diagnostics: Array(1001).fill(diagnostic) }],
  ["a long message", { ...whole, diagnostics: [{ ...diagnostic, message: "x".repeat(4097) }] }],
  ["a line that is none", { ...whole, diagnostics: [{ ...diagnostic, line: -1 }] }],
  ["an unknown category", { ...whole, diagnostics: [{ ...diagnostic, category: "fatal" }] }],
  ["content that is no text", { ...whole, files: [{ path: "/a.js", content: {} }] }],
])("%s is refused", (_, value) => {
  expect(() => parse(value)).toThrow(
    expect.objectContaining({ code: "ERR_SECURE_EXEC_COMPILER_STOPPED", reason: "crash" }),
  );
});

test("what is made to hurt is refused before it is decoded", () => {
  for (const line of ["{", "[".repeat(100_000), `[${"{},".repeat(300_000)}{}]`])
    expect(() => parseAnswer(line, 3)).toThrow(expect.objectContaining({ reason: "crash" }));
});
