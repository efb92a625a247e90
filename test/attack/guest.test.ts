import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileAttacks, processAttacks } from "./tricks.js";

/** What no guest may ever print: it stands in a file of the host and in the host's environment. */
const secret = `host-secret-${process.pid}-${Math.random().toString(36).slice(2)}`;
const folder = mkdtempSync(join(tmpdir(), "secure-exec-attack-"));
const secretFile = join(folder, "secret.txt");

let server: Server;
let port = 0;
let connections = 0;
let runtime: NodeRuntime;

beforeAll(async () => {
  writeFileSync(secretFile, secret);
  process.env["SECURE_EXEC_TEST_SECRET"] = secret;
  server = createServer((socket) => {
    connections++;
    socket.on("error", () => {}).end(secret);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
  runtime = await NodeRuntime.create();
});

afterAll(async () => {
  await runtime.dispose();
  server.close();
  rmSync(folder, { recursive: true });
  delete process.env["SECURE_EXEC_TEST_SECRET"];
});

/** Runs one attack; it has failed when it threw, or yielded nothing of the host. */
async function attack(expression: string) {
  const code = `
    import fs from "node:fs";
    const [FILE, FOLDER, PORT, HOSTPID] = ${JSON.stringify([secretFile, folder, port, process.pid])};
    try {
      const got = ${expression};
      console.log("GOT " + (typeof got === "string" ? got : require("node:util").inspect(got)));
    } catch (error) {
      console.log("REFUSED " + error?.name + " " + error?.message);
    }
    setTimeout(() => process.exit(), 100);`;
  return await runtime.exec(code, { timeout: 10_000 });
}

describe("no trick of a guest reaches a file of the host", () => {
  for (const [name, expression] of Object.entries(fileAttacks)) {
    test(name, async () => {
      const before = readdirSync(folder);
      const result = await attack(expression);
      expect(result.stdout + result.stderr).not.toContain(secret);
      expect(result.stdout).toMatch(/^(REFUSED|GOT)/);
      expect(readdirSync(folder)).toEqual(before);
    });
  }
});

describe("no trick of a guest leaves its process", () => {
  for (const [name, expression] of Object.entries(processAttacks)) {
    test(name, async () => {
      const result = await attack(expression);
      expect(result.stdout + result.stderr).not.toContain(secret);
      expect(result.stdout).toMatch(/^(REFUSED|GOT)/);
      expect(connections).toBe(0);
      expect(result.termination ?? null).toBeNull();
    });
  }
});

test("nothing of the host shows: name, paths, addresses, user, pid", async () => {
  const { stdout } = await runtime.exec(`
    import os from "node:os";
    import { inspect } from "node:util";
    const facts = [];
    for (const key of Object.keys(os)) if (typeof os[key] === "function") try { facts.push(key, os[key]()) } catch (e) { facts.push(key, e.message) }
    for (const key of Object.keys(process)) { if (key === "mainModule") continue; try { facts.push(key, process[key]) } catch {} }
    try { facts.push(process.report.getReport()); } catch {}
    console.log(inspect(facts, { depth: 6, maxArrayLength: null, maxStringLength: null }));`);
  const { hostname } = await import("node:os");
  expect(stdout).toContain("secure-exec");
  expect(stdout).not.toContain(secret);
  expect(stdout).not.toContain(process.cwd());
  expect(stdout).not.toContain("node_modules");
  // A short name is a word of Node's too.
  if (hostname().length > 6) expect(stdout).not.toContain(hostname());
  expect(stdout).not.toMatch(new RegExp(`\\b${process.pid}\\b`));
  expect(stdout).not.toMatch(/\/root\b|\/tmp\/secure-exec/);
});
