import { expect, test } from "vitest";
import {
  type BadCommand,
  type NodeCommand,
  parseNodeCommand,
} from "../../../src/kernel/node-options/parse.js";
import { type NodeProgram, nodeProgram } from "../../../src/kernel/node-options/program.js";

const parse = (words: string[], env: Record<string, string> = {}) =>
  parseNodeCommand(words, env) as NodeCommand;
const complaints = (words: string[], env: Record<string, string> = {}) =>
  (parseNodeCommand(words, env) as BadCommand).complaints;

test("a program and its arguments, with options before it and after it", () => {
  expect(parse(["a.js", "--x", "-e"])).toEqual({
    environment: [],
    v8: { exposeGc: false, abortOnUncaught: false, stackSize: null, shared: [] },
    start: {},
    execArgv: [],
    args: ["a.js", "--x", "-e"],
  });
  const { execArgv, args } = parse(["-r", "./x", "--no_deprecation", "--", "--odd.js", "--y"]);
  expect(execArgv).toEqual(["-r", "./x", "--no_deprecation"]);
  expect(args).toEqual(["--odd.js", "--y"]);
  expect(parse(["-", "x"]).args).toEqual(["-", "x"]);
});

test("options of the environment go to the worker, normalised", () => {
  const words = [
    "--pending_deprecation",
    "--no-warnings",
    "-C",
    "a",
    "--conditions=b",
    "--loader",
    "./l.mjs",
  ];
  const { environment, start } = parse([...words, "x.js"]);
  expect(environment).toEqual([
    ...["--pending-deprecation", "--conditions=a", "--conditions=b"],
    "--experimental-loader=./l.mjs",
  ]);
  expect(start).toEqual({ "--warnings": false });
});

test("evaluated code: the ways to say it", () => {
  const evaluated = { "--eval": "1", "[has_eval_string]": true };
  expect(parse(["-e", "1"]).start).toEqual(evaluated);
  expect(parse(["--eval=1", "y"]).args).toEqual(["y"]);
  expect(parse(["-pe", "1"]).start).toEqual({ "--print": true, ...evaluated });
  expect(parse(["-p", "1", "y"])).toMatchObject({ start: { "--print": true, ...evaluated }, args: ["y"] });
  expect(parse(["-p", "1"]).execArgv).toEqual(["-p", "1"]);
  expect(parse(["-p"]).start).toEqual({ "--print": true });
  expect(parse(["-e", "\\-1"]).start["--eval"]).toBe("-1");
});

test("flags of V8", () => {
  const { v8 } = parse([
    "--expose_gc",
    "--stack-size=2000",
    "--allow-natives-syntax",
    "--max-old-space-size=9",
  ]);
  expect(v8).toEqual({
    exposeGc: true,
    abortOnUncaught: false,
    stackSize: 2000,
    shared: ["allow-natives-syntax"],
  });
  expect(parse(["--expose-gc", "--no-expose-gc"]).v8.exposeGc).toBe(false);
  expect(parse(["--allow-natives-syntax", "--no-allow-natives-syntax"]).v8.shared).toEqual([]);
  expect(parse(["--stack-size=999999999"]).v8.stackSize).toBe(65536);
  expect(complaints(["--stack-size", "500"])).toEqual(["bad option: --stack-size"]);
});

test("what Node refuses, in its words", () => {
  expect(complaints(["--bogus", "--foo=1", "-x", "a.js"])).toEqual([
    ...["bad option: --bogus", "bad option: --foo=1", "bad option: -x"],
  ]);
  expect(complaints(["-e"])).toEqual(["-e requires an argument"]);
  expect(complaints(["--title="])).toEqual(["--title= requires an argument"]);
  expect(complaints(["--require", "-x"])).toEqual(["--require requires an argument"]);
  expect(complaints(["--no-title=x"])).toEqual([
    "--no-title=x is an invalid negation because it is not a boolean option",
  ]);
  expect(complaints(["--allow-fs-read=*", "x.js"])).toEqual(["--permission is required"]);
  expect(complaints(["-c", "-e", "1"])).toEqual(["either --check or --eval can be used, not both"]);
  for (const flag of [
    "--inspect",
    "--inspect=1",
    "--cpu-prof",
    "--permission-audit",
    "--snapshot-blob=x",
    "--watch",
  ])
    expect(complaints([flag]), flag).toEqual([`bad option: ${flag}`]);
});

test("NODE_OPTIONS and the variables that stand for options", () => {
  const env = { NODE_OPTIONS: '--title="a \\"b" --no-warnings', NODE_PENDING_DEPRECATION: "1" };
  expect(parse(["a.js"], env)).toMatchObject({
    environment: ["--pending-deprecation"],
    start: { "--title": 'a "b', "--warnings": false },
    execArgv: [],
    args: ["a.js"],
  });
  expect(parse(["--warnings", "a.js"], env).start["--warnings"]).toBe(true);
  expect(complaints([], { NODE_OPTIONS: "--eval=1 --bogus" })).toEqual([
    "--eval= is not allowed in NODE_OPTIONS",
  ]);
  expect(complaints([], { NODE_OPTIONS: '"--title' })).toEqual([
    "invalid value for NODE_OPTIONS (unterminated string)",
  ]);
});

test("paths that Node's permission model grants are whole, and a program may read its own file", () => {
  const needs = (words: string[]) => (nodeProgram(words, {}, "/home/user") as NodeProgram).needs.options;
  expect(needs(["--permission", "--allow-fs-read=*", "--allow-fs-write=out", "dir/x.js"])).toEqual([
    ...["--permission", "--allow-fs-read=*", "--allow-fs-write=/home/user/out"],
    ...["--allow-fs-write=/home/user/out/*", "--allow-fs-read=/home/user/dir/x.js"],
  ]);
  expect(needs(["--permission", "--allow-fs-read", "/data/*", "-e", "1", "x"])).toEqual([
    ...["--permission", "--allow-fs-read=/data/*"],
  ]);
});
