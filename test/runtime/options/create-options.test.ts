import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../../src/errors/invalid-option-error.js";
import { defaultPermissions } from "../../../src/policy/compiled.js";
import { checkCreateOptions } from "../../../src/runtime/options/create-options.js";

const MiB = 1024 * 1024;

function refusal(options: unknown): InvalidOptionError {
  try {
    checkCreateOptions(options);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return error as InvalidOptionError;
  }
  throw new Error("not refused");
}

test("nothing given: the documented defaults", () => {
  const { mounts, ...options } = checkCreateOptions(undefined);
  expect(mounts?.mounts).toHaveLength(1);
  expect(options).toEqual({
    env: {},
    cwd: "/home/user",
    files: [],
    permissions: defaultPermissions,
    loopbackExemptPorts: [],
    secrets: [],
    limits: {
      diskBytes: 512 * MiB,
      inodes: 65_536,
      memoryBytes: 256 * MiB,
      machineMemoryBytes: 1024 * MiB,
      outputBytes: 16 * MiB,
      responseBytes: 16 * MiB,
      stdinBytes: 64 * MiB,
      argumentBytes: 128 * 1024,
      processes: 64,
      threads: 128,
      openFiles: 1024,
      connections: 1024,
      networkBytes: Number.MAX_SAFE_INTEGER,
      networkBytesPerSecond: 1024 ** 3,
      dnsPerSecond: 100,
    },
    os: { hostname: "secure-exec", facts: { totalMemory: 1024 * MiB } },
    jail: "required",
    onBootTiming: undefined,
    onRevive: undefined,
    onAudit: undefined,
  });
  const { mounts: _, ...undefinedOnes } = checkCreateOptions({
    env: undefined,
    cwd: undefined,
    limits: undefined,
    jail: undefined,
  });
  expect(undefinedOnes).toEqual(options);
});

test("unknown names are refused with the nearest known one", () => {
  for (const [name, nearest] of [
    ["limit", "limits"],
    ["CWD", "cwd"],
    ["environment", undefined],
    ["enviroment", undefined],
    ["file", "files"],
    ["onrevive", "onRevive"],
    ["onBoot", "onBootTiming"],
    ["jial", "jail"],
    ["zzzzzzzzzz", undefined],
  ] as const) {
    const error = refusal({ [name]: undefined });
    expect(error.key).toBe(name);
    if (nearest !== undefined) expect(error.nearest, name).toBe(nearest);
    expect(error.message).toContain(`There is no option "${name}"`);
    expect(error.message).toContain("onRevive");
  }
  const error = refusal({ limits: { diskbyte: 1 } });
  expect(error.key).toBe("limits.diskbyte");
  expect(error.nearest).toBe("limits.diskBytes");
  expect(error.message).toMatch(/Did you mean "limits.diskBytes"\?$/);
});

test("errors have a stable code and name, key and expectation", () => {
  const error = refusal({ limits: { memoryBytes: "1" } });
  expect(error).toMatchObject({
    name: "InvalidOptionError",
    code: "ERR_SECURE_EXEC_INVALID_OPTION",
    key: "limits.memoryBytes",
    expected: "a whole number of bytes from 16777216 to 2147483648",
    message: '"limits.memoryBytes" must be a whole number of bytes from 16777216 to 2147483648, got "1".',
  });
});

describe("wrong values are refused with their key", () => {
  const cases: [string, unknown][] = [
    ["options", null],
    ["options", []],
    ["options", "x"],
    ["options", 1],
    ["options", () => {}],
    ["limits", 1],
    ["limits", []],
    ["env", "A=1"],
    ["env", ["A=1"]],
    ["cwd", 1],
    ["cwd", ""],
    ["cwd", "home"],
    ["cwd", "./home"],
    ["cwd", "C:\\home"],
    ["cwd", "/a\0b"],
    ["cwd", `/${"a".repeat(256)}`],
    ["cwd", "/a".repeat(2048)],
    ["jail", "none"],
    ["jail", true],
    ["onRevive", "log"],
    ["onBootTiming", {}],
    ["files", []],
    ["files", new Map()],
  ];
  for (const [key, value] of cases.slice(0, 5)) {
    test(`create(${String(value)})`, () => expect(refusal(value).key).toBe(key));
  }
  for (const [key, value] of cases.slice(5)) {
    if (key === "files" && value instanceof Map) continue;
    test(`${key}: ${JSON.stringify(value)?.slice(0, 30)}`, () => {
      expect(refusal({ [key]: value }).key).toBe(key);
    });
  }

  test("limits", () => {
    const bad = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, 1n, {}, 2 ** 60];
    const names = [
      "diskBytes",
      "inodes",
      "memoryBytes",
      "machineMemoryBytes",
      "outputBytes",
      "processes",
      "threads",
      "openFiles",
    ];
    for (const name of names) {
      for (const value of bad) {
        expect(refusal({ limits: { [name]: value } }).key, `${name}: ${value}`).toBe(`limits.${name}`);
      }
    }
    expect(refusal({ limits: { argumentBytes: 128 * 1024 + 1 } }).key).toBe("limits.argumentBytes");
    expect(refusal({ limits: { memoryBytes: 512 * MiB, machineMemoryBytes: 256 * MiB } }).key).toBe(
      "limits.memoryBytes",
    );
  });

  test("env", () => {
    expect(refusal({ env: { A: 1 } }).key).toBe("env.A");
    expect(refusal({ env: { A: null } }).key).toBe("env.A");
    expect(refusal({ env: { A: "a\0b" } }).key).toBe("env.A");
    expect(refusal({ env: { "A=B": "" } }).key).toBe('env["A=B"]');
    expect(refusal({ env: { "": "" } }).key).toBe('env[""]');
    expect(refusal({ env: { "a\0": "" } }).key).toBe('env["a\\u0000"]');
  });

  test("files", () => {
    for (const path of ["a.txt", "./a", "../a", "", "/", "/a/", "/a/..", "/a/.", "/\0", "//"]) {
      expect(refusal({ files: { [path]: "" } }).key, path).toBe(`files[${JSON.stringify(path)}]`);
    }
    for (const data of [1, null, undefined, {}, [1], new ArrayBuffer(1), new Uint16Array(1)]) {
      expect(refusal({ files: { "/a": data } }).key).toBe('files["/a"]');
    }
    expect(refusal({ files: { "/a": "", "/a/b": "" } }).message).toContain("parents are no files, as /a is");
    expect(refusal({ files: { "/a": "", "/b/../a": "" } }).message).toContain("given twice");
  });

  test("files larger than the disk, alone or together", () => {
    const limits = { diskBytes: MiB };
    const large = new Uint8Array(MiB + 1);
    const half = new Uint8Array(MiB / 2 + 1);
    expect(refusal({ limits, files: { "/a": large } })).toMatchObject({ key: 'files["/a"]' });
    expect(refusal({ limits, files: { "/a": half, "/b": half } })).toMatchObject({ key: "files" });
    expect(() => checkCreateOptions({ limits, files: { "/a": large.subarray(1) } })).not.toThrow();
  });
});

test("what is given is taken", () => {
  const onRevive = () => {};
  const options = checkCreateOptions({
    env: { A: "1", B: undefined, ["__proto__"]: "x" },
    cwd: "/work//x/",
    files: { "/a//b.txt": "hä", "/c": Uint8Array.of(1, 2) },
    limits: { diskBytes: 8 * MiB, processes: 2 },
    jail: "unsafe-none",
    onRevive,
  });
  expect(Object.entries(options.env)).toEqual([
    ["A", "1"],
    ["B", undefined],
    ["__proto__", "x"],
  ]);
  expect(options.cwd).toBe("/work/x");
  expect(options.files.map(({ path, data }) => [path, [...data]])).toEqual([
    ["/a/b.txt", [0x68, 0xc3, 0xa4]],
    ["/c", [1, 2]],
  ]);
  expect(options.limits).toMatchObject({ diskBytes: 8 * MiB, inodes: 1024, processes: 2, threads: 128 });
  expect(options.jail).toBe("unsafe-none");
  expect(options.onRevive).toBe(onRevive);
});

test("an environment that no call could take is refused before anything starts", () => {
  const { key, message } = refusal({ env: { A: "x".repeat(200_000) } });
  expect(key).toBe("env");
  expect(message).toContain("limits.argumentBytes");
});

test("what holds its content elsewhere is not taken for an empty object", () => {
  expect(refusal({ files: new Map([["/a", "b"]]) }).message).toContain("got a Map");
  expect(refusal({ env: new URLSearchParams("A=1") }).key).toBe("env");
  expect(refusal(new Date()).key).toBe("options");
  expect(checkCreateOptions({ env: Object.create(null), files: {} }).files).toEqual([]);
});
