import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { acceptedOptions, processOptions } from "../../../src/kernel/node-options/table.js";
import { type OptionWish, workerOptions } from "../../../src/kernel/node-options/worker.js";

const nothing = { args: [], env: {} };
const process0 = { ...nothing, start: {}, exposeGc: false };
const wish = (given: Partial<OptionWish>): OptionWish => ({
  execArgv: null,
  env: null,
  isCopy: false,
  ...given,
});

it("knows which options Node gives to a whole process alone", async () => {
  const refused: string[] = [];
  for (const [name, { kind }] of acceptedOptions) {
    const value = { string: "=x", number: "=1", list: "=x", boolean: "", nothing: "" }[kind];
    try {
      const worker = new Worker("", { eval: true, execArgv: [name + value], stdout: true, stderr: true });
      worker.on("error", () => undefined);
      await worker.terminate();
    } catch (error) {
      const { message } = error as Error;
      // Others want a value that has a meaning.
      if (message.endsWith(`flags: ${name}${value}`) || message.includes("flags: --harmony"))
        refused.push(name);
    }
  }
  expect(refused.sort()).toEqual([...processOptions].sort());
});

it("takes from the parent what isn't given", () => {
  const own = { args: ["--conditions=a"], env: { NODE_OPTIONS: "--conditions=b" } };
  expect(workerOptions(wish({}), own, process0)).toMatchObject({
    options: ["--conditions=b", "--conditions=a"],
    source: own,
    start: { execArgv: ["--conditions=a"] },
  });
  expect(workerOptions(wish({ execArgv: [] }), own, process0)).toMatchObject({ options: ["--conditions=b"] });
  expect(workerOptions(wish({ env: {} }), own, process0)).toMatchObject({ options: ["--conditions=a"] });
});

it("gives to all threads what the process has, and lets none have another", () => {
  const ofProcess = { ...process0, start: { "--title": "t", "--eval": "1" }, exposeGc: true };
  expect(workerOptions(wish({ execArgv: ["--no-warnings"] }), nothing, ofProcess)).toMatchObject({
    start: { options: { "--title": "t", "--warnings": false }, exposeGc: true },
  });
  for (const given of ["--title=x", "--stack-size=900", "--expose-gc", "--unknown", "--inspect"])
    expect(workerOptions(wish({ execArgv: [given] }), nothing, ofProcess)).toMatchObject({
      complaints: [given],
    });
  expect(workerOptions(wish({ env: { NODE_OPTIONS: "--title=x" } }), nothing, ofProcess)).toMatchObject({
    complaints: ["--title= is not allowed in NODE_OPTIONS"],
    inEnvironment: true,
  });
  const copy = wish({ env: { NODE_OPTIONS: "--title=x" }, isCopy: true });
  expect(workerOptions(copy, nothing, ofProcess)).toMatchObject({ start: { options: { "--title": "x" } } });
});
