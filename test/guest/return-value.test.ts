import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});

async function returned(expression: string): Promise<unknown> {
  const result = await machine.run({ code: `__return(${expression})` });
  expect(result.stderr).toBe("");
  return result.value;
}

async function refusal(code: string): Promise<string> {
  const result = await machine.run({
    code: `try { ${code} } catch (error) { console.log(error instanceof TypeError, error.message, error.stack.split("\\n")[1]) }`,
  });
  return result.stdout.trim();
}

describe("__return", () => {
  it.each([
    ["42", 42],
    ["null", null],
    ["'é\\u{1d11e}'", "é\u{1d11e}"],
    ["[1, [2], { a: [] }]", [1, [2], { a: [] }]],
    ["{ a: undefined, b: [undefined] }", { b: [null] }],
    ["new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["{ toJSON: () => ({ b: 1 }) }", { b: 1 }],
    ["NaN", null],
    ["(() => { const o = { a: 1 }; return [o, o, { o }] })()", [{ a: 1 }, { a: 1 }, { o: { a: 1 } }]],
  ])("hands on %s", async (expression, value) => {
    expect(await returned(expression)).toEqual(value);
  });

  it("hands on nothing for undefined", async () => {
    expect(await returned("undefined")).toBe(undefined);
    expect((await machine.run({ code: "__return(1); __return(undefined)" })).value).toBe(undefined);
  });

  it("counts the last call, and only at exit code 0", async () => {
    expect((await machine.run({ code: "__return(1); __return(2); process.exit()" })).value).toBe(2);
    expect((await machine.run({ code: "__return(1); process.exit(1)" })).value).toBe(undefined);
    expect((await machine.run({ code: "__return(1); throw 1" })).value).toBe(undefined);
  });

  it("hands on more than a record holds", async () => {
    expect(await returned("'€'.repeat(500_000)")).toBe("€".repeat(500_000));
  });

  it.each([
    ["__return(() => 1)", "value: it is a function"],
    ["__return(Symbol('x'))", "value: it is a symbol"],
    ["__return(1n)", "value: it is a BigInt"],
    ["__return({ a: [0, { 'b c': { d: 1n } }] })", 'value.a[1]["b c"].d: it is a BigInt'],
    ["__return([{ x: { y: 1 }, z: [1, 2, () => 3] }])", "value[0].z[2]: it is a function"],
    ["const o = { a: { b: {} } }; o.a.b.c = o; __return(o)", "value.a.b.c: it is value again, a cycle"],
    [
      "const o = { a: [{}] }; o.a[0].up = o.a; __return({ x: 1, o })",
      "value.o.a[0].up: it is value.o.a again, a cycle",
    ],
  ])("refuses %s", async (code, reason) => {
    const message = await refusal(code);
    expect(message).toMatch(/^true __return\(\) can't pass on /);
    expect(message).toContain(reason);
    expect(message).toContain("[eval1]");
  });

  it("passes on what toJSON throws", async () => {
    expect(await refusal("__return({ toJSON() { throw new TypeError('mine') } })")).toContain("true mine");
  });

  it("is not enumerable", async () => {
    const { stdout } = await machine.run({
      code: "console.log(Object.keys(globalThis).includes('__return'), typeof __return)",
    });
    expect(stdout).toBe("false function\n");
  });
});
