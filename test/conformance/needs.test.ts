import { expect, test } from "vitest";
import { needsOf } from "../../conformance/needs.ts";

test("what a test mentions is what it needs", () => {
  expect(needsOf("const { spawn } = require('child_process');")).toEqual(["child process"]);
  expect(needsOf('import { fork } from "node:child_process";')).toEqual(["child process"]);
  expect(needsOf("const { spawnSyncAndAssert } = require('../common/child_process');")).toEqual([
    "child process",
  ]);
  expect(needsOf("run({ files: [__filename] })")).toEqual(["child process"]);
  expect(needsOf("const http = require('http'); const net = require('node:net')")).toEqual(["socket"]);
  expect(needsOf("await import('dns/promises')")).toEqual(["socket"]);
  expect(needsOf("const response = await fetch(url)")).toEqual(["socket"]);
  expect(needsOf("new Worker(__filename); require('tty')")).toEqual(["thread", "terminal"]);
  expect(needsOf("const { Session } = require('inspector');")).toEqual(["inspector"]);
});

test("what sounds alike is no need", () => {
  expect(needsOf("require('path'); require('./net'); const networking = 1; prefetch(x)")).toEqual([]);
  expect(needsOf("const { isMainThread } = require('worker_threads'); // a Worker")).toEqual([]);
});
