import { expect, test } from "vitest";
import { InvalidOptionError } from "../../../src/errors/invalid-option-error.js";
import { type CallDefaults, type CallOptions, checkCall } from "../../../src/runtime/options/call-options.js";
import { checkCreateOptions } from "../../../src/runtime/options/create-options.js";

const defaults: CallDefaults = checkCreateOptions({ env: { A: "runtime", PATH: "/x", HOME: undefined } });

function refusal(code: unknown, options: unknown = {}, over: CallDefaults = defaults): InvalidOptionError {
  try {
    checkCall(code, options, over);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return error as InvalidOptionError;
  }
  throw new Error("not refused");
}

test("nothing given: the runtime's settings", () => {
  expect(checkCall("1", undefined, defaults)).toEqual({
    code: Buffer.from("1"),
    env: { A: "runtime", PATH: "/x", LANG: "C.UTF-8", LOGNAME: "user", SHELL: "/bin/sh", USER: "user" },
    cwd: "/home/user",
    stdin: null,
    keepsStdin: false,
    timeout: null,
    signal: undefined,
    onStdout: undefined,
    onStderr: undefined,
    entry: { kind: "code", filePath: null },
    args: [],
  });
});

test("what is given is taken, variables over the runtime's", () => {
  const { signal } = new AbortController();
  const onStdout = () => {};
  const call = checkCall(
    "ä",
    {
      env: { A: undefined, B: "2" },
      cwd: "/tmp",
      stdin: "in",
      timeout: 12.5,
      signal,
      onStdout,
      filePath: "/app//main.mjs",
      args: ["--x", ""],
    },
    defaults,
  );
  expect(call).toMatchObject({
    code: Buffer.from("ä"),
    cwd: "/tmp",
    stdin: Buffer.from("in"),
    timeout: 13,
    entry: { kind: "code", filePath: "/app/main.mjs" },
    args: ["/app/main.mjs", "--x", ""],
  });
  expect(call.env).toMatchObject({ B: "2", PATH: "/x" });
  expect(call.env).not.toHaveProperty("A");
  expect(call.signal).toBe(signal);
  expect(call.onStdout).toBe(onStdout);
});

test("arguments come after a name, as they do for a script", () => {
  const args = (options: CallOptions) => checkCall("", options, defaults).args;
  expect(args({})).toEqual([]);
  expect(args({ args: [] })).toEqual([]);
  expect(args({ args: ["a"] })).toEqual(["/home/user/[eval1]", "a"]);
  expect(args({ args: ["a"], cwd: "/" })).toEqual(["/[eval1]", "a"]);
  expect(args({ filePath: "/x.mjs" })).toEqual(["/x.mjs"]);
});

test("nothing of the host's environment is passed on", () => {
  process.env["SECURE_EXEC_TEST_VARIABLE"] = "host";
  try {
    const { env } = checkCall("", {}, checkCreateOptions(undefined));
    expect(Object.keys(env).sort()).toEqual(["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "USER"]);
  } finally {
    delete process.env["SECURE_EXEC_TEST_VARIABLE"];
  }
});

test("a timeout of 0, NaN or a string is refused", () => {
  for (const timeout of [
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    "5000",
    "5s",
    null,
    true,
    {},
    5n,
  ]) {
    const error = refusal("1", { timeout });
    expect(error.key).toBe("timeout");
    expect(error.expected).toBe("a number of milliseconds above 0 and up to 2147483647");
  }
  expect(refusal("1", { timeout: Number.NaN }).message).toContain("got NaN");
  expect(refusal("1", { timeout: "5s" }).message).toContain('got "5s"');
});

test("wrong values are refused with their key", () => {
  const cases: [string, unknown][] = [
    ["cwd", "tmp"],
    ["cwd", 1],
    ["filePath", "main.mjs"],
    ["filePath", "/app/"],
    ["filePath", new URL("file:///a")],
    ["stdin", 1],
    ["stdin", ["a"]],
    ["stdin", new ArrayBuffer(1)],
    ["signal", {}],
    ["signal", "SIGKILL"],
    ["signal", new AbortController()],
    ["onStdout", true],
    ["onStderr", "x"],
    ["args", "--x"],
    ["args", {}],
    ["env", 1],
  ];
  for (const [key, value] of cases) expect(refusal("1", { [key]: value }).key).toBe(key);
  expect(refusal("1", { args: ["a", 1] }).key).toBe("args[1]");
  expect(refusal("1", { args: ["a\0"] }).key).toBe("args[0]");
  expect(refusal("1", { env: { X: 1 } }).key).toBe("env.X");
  for (const code of [undefined, null, 1, {}, Buffer.from("1"), () => {}]) {
    expect(refusal(code).key).toBe("code");
  }
  expect(refusal("1", "options").key).toBe("options");
});

test("unknown names are refused with the nearest known one", () => {
  expect(refusal("1", { timeoutMs: 5 })).toMatchObject({ key: "timeoutMs", nearest: "timeout" });
  expect(refusal("1", { onStdOut: 5 })).toMatchObject({ nearest: "onStdout" });
  expect(refusal("1", { argv: [] })).toMatchObject({ nearest: "args" });
  expect(refusal("1", { unheardOf: "ts" }).nearest).toBeUndefined();
});

test("arguments, environment, input and code are bounded", () => {
  const limits = checkCreateOptions({ limits: { argumentBytes: 1000, stdinBytes: 10 } }).limits;
  const small = { ...defaults, limits };
  expect(refusal("1", { args: ["x".repeat(1000)] }, small).message).toContain("limits.argumentBytes");
  expect(refusal("1", { env: { X: "ä".repeat(500) } }, small).key).toBe("args");
  expect(refusal("1", { stdin: "x".repeat(11) }, small).key).toBe("stdin");
  expect(refusal("x".repeat(64 * 1024 * 1024 + 1)).key).toBe("code");
});
