import { hostname } from "node:os";
import { NodeRuntime } from "secure-exec";
import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});
const env = { NODE_NO_WARNINGS: "1" };

describe("the heap", () => {
  it("is written to the guest's disk, and streamed", async () => {
    const code = `
      import v8 from "node:v8"; import fs from "node:fs";
      const path = v8.writeHeapSnapshot("/tmp/heap");
      const { snapshot } = JSON.parse(fs.readFileSync(path, "utf8"));
      const own = v8.writeHeapSnapshot(undefined, { exposeInternals: true });
      let streamed = "";
      for await (const piece of v8.getHeapSnapshot()) streamed += piece;
      console.log(path, snapshot.node_count > 1000, /^Heap\\.\\d{8}\\.\\d{6}\\.\\d+\\.0\\.\\d{3}\\.heapsnapshot$/.test(own), fs.statSync(own).size > 1e5, JSON.parse(streamed).strings.length > 1000);
      for (const bad of ["/nowhere/heap", "/tmp"]) try { v8.writeHeapSnapshot(bad) } catch (error) { console.log(error.code, error.syscall, error.path) }`;
    const { stdout, stderr } = await machine.run({
      code,
      env,
    });
    expect([stdout, stderr]).toEqual([
      "/tmp/heap true true true true\nENOENT open /nowhere/heap\nEISDIR open /tmp\n",
      "",
    ]);
  });

  it("has no facts of the computer", async () => {
    const facts = [process.cwd(), process.execPath, hostname().length > 6 ? hostname() : "-/-"];
    await using rt = await NodeRuntime.create();
    await rt.exec(`import v8 from "node:v8"; v8.writeHeapSnapshot("/tmp/heap", { exposeInternals: true })`);
    const snapshot = await rt.readFile("/tmp/heap", "utf8");
    for (const fact of facts) expect(snapshot).not.toContain(fact);
  });

  it("is counted, and its objects handed to nobody", async () => {
    const code = `
      import v8 from "node:v8"; import util from "node:util";
      class Mine { name = 1 }
      class Above {}
      Object.setPrototypeOf(MessagePort.prototype, Above.prototype);
      Object.setPrototypeOf(Object.getPrototypeOf(Int32Array.prototype), Above.prototype);
      Object.setPrototypeOf(SharedArrayBuffer.prototype, Above.prototype);
      Object.setPrototypeOf(Function.prototype, Above.prototype);
      const kept = [new Mine(), new Mine()];
      let stolen = 0;
      for (const { prototype } of [MessagePort, Int32Array, SharedArrayBuffer, Function, Object, Array])
        try { Object.defineProperty(prototype, util.inspect.custom, { value() { if (!(this instanceof Mine)) stolen++; return "own" }, configurable: true }) } catch {}
      for (const type of [Above, Object.assign(() => {}, { prototype: Mine }), MessagePort, Int32Array, SharedArrayBuffer, Function, Object, Array])
        try { v8.queryObjects(type, { format: "summary" }) } catch (error) { if (error.code !== "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM") throw error }
      process.stdout.write([v8.queryObjects(Mine), v8.queryObjects(class {}), v8.queryObjects(class {}, { format: "summary" }).length, kept.length, stolen, v8.queryObjects(Mine, { format: "summary" })].join());`;
    const { stdout, stderr } = await machine.run({ code, env });
    expect([stdout, stderr]).toEqual(["2,0,0,2,0,own,own", ""]);
  });
});
