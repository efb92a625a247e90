import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { plainNode } from "../programs/plain-node.js";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});
const env = { NODE_NO_WARNINGS: "1", SECRET: "s" };

/** The shape of a report: names and types, of lists their first element. */
const shape = `
  const shape = (value) => Array.isArray(value) ? value.length ? [shape(value[0])] : [] : value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)])) : value === null ? "null" : typeof value;
  const about = (report) => { delete report.nativeStack; delete report.libuv; delete report.sharedObjects; delete report.environmentVariables; delete report.header.networkInterfaces; report.javascriptStack.stack.length = 1; for (const limit of Object.values(report.userLimits)) limit.soft = limit.hard = 1; return shape(report) };`;

describe("process.report", () => {
  it("has the shape of Node's", async () => {
    const code = `${shape} console.log(JSON.stringify(about(process.report.getReport(Object.assign(new TypeError("x"), { extra: 1 }))), null, 1), process.report.getReport(Object.assign(new TypeError("x"), { extra: 1 })).javascriptStack)`;
    const plain = spawnSync(plainNode, ["--input-type=module", "-e", code], { env, encoding: "utf8" });
    const found = await machine.run({ code, env });
    const withoutFrames = (text: string) => text.replace(/file:.*\[eval1\]/g, "");
    expect(found.stderr).toBe("");
    expect(withoutFrames(found.stdout)).toBe(withoutFrames(plain.stdout));
  });

  it("tells of the guest alone", async () => {
    const code = `const { header, environmentVariables, userLimits, workers } = process.report.getReport();
      console.log(JSON.stringify([header.cwd, header.processId === process.pid, header.commandLine, header.host, header.osRelease, environmentVariables.SECRET, userLimits.open_files.soft, workers]));
      process.report.excludeEnv = true; process.report.excludeNetwork = true;
      const less = process.report.getReport(); console.log("environmentVariables" in less, "networkInterfaces" in less.header);
      console.log(JSON.stringify(process.report.getReport()))`;
    const { stdout } = await machine.run({ code, env });
    const lines = stdout.split("\n");
    expect(JSON.parse(lines[0] as string).slice(0, 6)).toEqual([
      "/home/user",
      true,
      ["node"],
      "secure-exec",
      "6.1.0",
      "s",
    ]);
    expect(lines[1]).toBe("false false");
    for (const fact of [process.cwd(), process.execPath, hostname().length > 6 ? hostname() : "-/-"])
      expect(stdout).not.toContain(fact);
  });

  it("is written to the guest's disk, by name, by setting, on an exception", async () => {
    const code = `import fs from "node:fs";
      const read = (path) => JSON.parse(fs.readFileSync(path, "utf8")).header.filename;
      console.log(process.report.writeReport("a.json"), read("a.json"));
      const own = process.report.writeReport(); console.log(/^report\\.\\d{8}\\.\\d{6}\\.\\d+\\.0\\.\\d{3}\\.json$/.test(own), read(own) === own);
      fs.mkdirSync("dir"); process.report.directory = "dir"; process.report.filename = "b.json"; process.report.compact = true;
      console.log(process.report.writeReport(), read("dir/b.json"), fs.readFileSync("dir/b.json", "utf8").split("\\n").length);
      process.report.directory = "/nowhere"; console.log([process.report.writeReport()]);
      process.report.directory = ""; process.report.filename = "c.json"; process.report.reportOnUncaughtException = true;
      throw new Error("x")`;
    const { stdout, stderr, exitCode } = await machine.run({ code, env });
    expect(stdout).toBe("a.json a.json\ntrue true\nb.json b.json 2\n[ '' ]\n");
    expect(stderr).toContain("Writing Node.js report to file: a.json\nNode.js report completed\n");
    expect(stderr).toContain("Failed to open Node.js report file: b.json directory: /nowhere (errno: 2)\n");
    expect(stderr).toContain("Writing Node.js report to file: c.json\nNode.js report completed\n\nNode.js v");
    expect(exitCode).toBe(1);
  });
});
