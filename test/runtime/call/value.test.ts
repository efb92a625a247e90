import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ValueRefusedError } from "../../../src/errors/value-refused-error.js";
import { decodeValue } from "../../../src/runtime/call/value.js";

const decode = (json: string) => decodeValue(Buffer.from(json));

test("decodes whatever JSON can say", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(decode(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});

test("brackets, commas and quotes within strings don't count", () => {
  const text = '[[[{{{,,,"\\"\\\\'.repeat(2000);
  expect(decode(JSON.stringify({ text, [text]: 1 }))).toEqual({ text, [text]: 1 });
});

test("a key named __proto__ changes no prototype", () => {
  const value = decode('{"__proto__":{"polluted":true}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("deep nesting is refused, 1,000 levels are not", () => {
  expect(() => decode("[".repeat(1000) + "]".repeat(1000))).not.toThrow();
  expect(() => decode("[".repeat(1001) + "]".repeat(1001))).toThrow(/nested more than 1000 deep/);
  expect(() => decode("[".repeat(5_000_000))).toThrow(ValueRefusedError);
  expect(() => decode('{"a":'.repeat(1001))).toThrow(ValueRefusedError);
});

test("more values than the host takes are refused", () => {
  expect(() => decode(`[${"{},".repeat(130_000)}0]`)).toThrow(/more than 250000 values/);
  expect(decode(`[${"1,".repeat(240_000)}0]`)).toHaveLength(240_001);
});

test("what is not JSON is refused with a typed error", () => {
  for (const text of ["", "{", "undefined", '"', '"\\', "[1,]", "NaN", "\0"]) {
    expect(() => decode(text), text).toThrow(ValueRefusedError);
  }
  try {
    decode("nonsense");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_SECURE_EXEC_VALUE_REFUSED", name: "ValueRefusedError" });
  }
});

test("any bytes are decoded or refused, never anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeValue(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(ValueRefusedError);
      }
    }),
    { numRuns: 500 },
  );
});
