import { expect, it } from "vitest";
import { parseRequest } from "../../../src/kernel/spawn/request.js";

const request = { file: "node", args: ["node"], env: { A: "1" }, cwd: "/", stdio: [0, -1], detached: false };
const parse = (value: unknown) => parseRequest(Buffer.from(JSON.stringify(value)));

it("takes a request, and nothing that is none", () => {
  expect(parse({ ...request, more: 1 })).toEqual(request);
  const wrong = [
    ...[null, 1, "x", [], {}],
    ...[{ file: 1 }, { file: "a\0b" }, { args: "x" }, { args: [1] }, { args: ["\0"] }],
    ...[{ env: null }, { env: [1] }, { env: { A: 1 } }, { env: { "A\0": "" } }, { cwd: null }, { cwd: "\0" }],
    ...[
      { stdio: 1 },
      { stdio: [0.5] },
      { stdio: ["1"] },
      { stdio: new Array(5000).fill(1) },
      { detached: 1 },
    ],
  ];
  for (const part of wrong) {
    const value = part !== null && typeof part === "object" && !Array.isArray(part) ? part : undefined;
    const whole = value === undefined || Object.keys(value).length === 0 ? part : { ...request, ...value };
    expect(parse(whole), JSON.stringify(part)).toBeNull();
  }
});

it("takes no bytes that are no JSON", () => {
  for (const bytes of ["", "{", "\xff", '{"file":'])
    expect(parseRequest(Buffer.from(bytes, "latin1"))).toBeNull();
});

it("takes names that an object has anyway for what they are", () => {
  const env = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  expect(Object.entries(parse({ ...request, env })?.env ?? {})).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});
