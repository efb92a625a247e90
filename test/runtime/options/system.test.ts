import { NodeRuntime } from "secure-exec";
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../../../src/errors/invalid-option-error.js";
import { checkLimits } from "../../../src/runtime/options/limits.js";
import { checkSystem } from "../../../src/runtime/options/system.js";

const limits = checkLimits(undefined);

describe("the option os", () => {
  it("has defaults", () => {
    const expected = { hostname: "secure-exec", facts: { totalMemory: limits.machineMemoryBytes } };
    expect(checkSystem(undefined, limits)).toEqual(expected);
    expect(checkSystem({ cpus: undefined }, limits)).toEqual(expected);
  });

  it.each([
    [{ hostname: "" }, "os.hostname"],
    [{ hostname: "-a" }, "os.hostname"],
    [{ hostname: "a b" }, "os.hostname"],
    [{ hostname: "a\n127.0.0.1 b" }, "os.hostname"],
    [{ hostname: "a".repeat(65) }, "os.hostname"],
    [{ hostname: 1 }, "os.hostname"],
    [{ cpus: 0 }, "os.cpus"],
    [{ cpus: 257 }, "os.cpus"],
    [{ cpus: 1.5 }, "os.cpus"],
    [{ cpuSpeed: -1 }, "os.cpuSpeed"],
    [{ cpuModel: "" }, "os.cpuModel"],
    [{ cpuModel: "a\nb" }, "os.cpuModel"],
    [{ release: "x".repeat(65) }, "os.release"],
    [{ version: {} }, "os.version"],
    [{ totalMemory: 0 }, "os.totalMemory"],
    [{ totalMemory: 2 ** 53 }, "os.totalMemory"],
    [{ hostName: "x" }, "os.hostName"],
    ["x", "os"],
  ])("refuses %j", (value, key) => {
    expect(() => checkSystem(value, limits)).toThrow(InvalidOptionError);
    expect(() => checkSystem(value, limits)).toThrow(key);
  });

  it("is what guest programs see, in threads too", async () => {
    await using rt = await NodeRuntime.create({
      os: {
        hostname: "Build-7.example",
        cpus: 12,
        cpuModel: "Model X",
        cpuSpeed: 3210,
        totalMemory: 2 ** 35,
        release: "6.8.0-test",
        version: "#9",
      },
    });
    const code = `
      import os from "node:os"; import fs from "node:fs"; import { Worker } from "node:worker_threads";
      const facts = "[os.hostname(), os.cpus().length, os.availableParallelism(), os.cpus()[11].model, os.cpus()[0].speed, os.totalmem(), os.release(), os.version()]";
      const other = await new Promise((resolve) => new Worker("const os = require('os'); require('worker_threads').parentPort.postMessage(" + facts + ")", { eval: true }).on("message", resolve));
      __return([eval(facts), other, os.freemem() <= os.totalmem(), navigator.hardwareConcurrency, fs.readFileSync("/etc/hostname", "utf8"), fs.readFileSync("/proc/cpuinfo", "utf8").split("Model X").length - 1]);`;
    const facts = ["Build-7.example", 12, 12, "Model X", 3210, 2 ** 35, "6.8.0-test", "#9"];
    expect((await rt.run(code)).value).toEqual([facts, facts, true, 12, "Build-7.example\n", 12]);
  });
});
